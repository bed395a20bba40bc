/**
 * Virtual time: everything that takes time is an event, and events happen one after the other in the order of their
 * time. The same plan gives the same run, whatever the machine does.
 */

export type Scheduler = {
	/** Milliseconds since the simulation began. */
	now(): number;
	/** Does something later, unless the owner is dead by then. */
	after(milliseconds: number, owner: object, run: () => void): void;
	sleep(milliseconds: number, owner: object): Promise<void>;
	/** What a dead owner waits for never happens. */
	kill(owner: object): void;
	/** Lets everything happen up to a time. */
	runUntil(time: number): Promise<void>;
	/** How much has happened. */
	events(): number;
};

type Event = { time: number; order: number; owner: object; run: () => void };

/** How many promise reactions an event may set off before the next one; any number gives a possible run. */
const REACTIONS = 24;

/** Time leaps no further than that over promises that are still at work: no machine takes seconds for nothing. Milliseconds. */
const LEAP = 100;

export function createScheduler(): Scheduler {
	const queue: Event[] = [];
	const dead = new WeakSet<object>();
	let now = 0;
	let order = 0;
	let happened = 0;

	const after: Scheduler['after'] = (milliseconds, owner, run) => {
		order += 1;
		push(queue, { time: now + Math.max(0, milliseconds), order, owner, run });
	};

	return {
		now: () => now,
		after,
		sleep: (milliseconds, owner) => new Promise((resolve) => after(milliseconds, owner, resolve)),
		kill: (owner) => dead.add(owner),
		runUntil: async (time) => {
			for (;;) {
				for (let reaction = 0; reaction < REACTIONS; reaction += 1) await null;
				if ((queue[0]?.time ?? time) - now > LEAP) await allReactions();
				const event = queue[0];
				if (!event || event.time > time) break;
				pop(queue);
				now = event.time;
				if (dead.has(event.owner)) continue;
				happened += 1;
				event.run();
			}
			now = Math.max(now, time);
		},
		events: () => happened,
	};
}

const allReactions = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const isBefore = (a: Event, b: Event): boolean => (a.time === b.time ? a.order < b.order : a.time < b.time);

/** A binary heap: the next event is at the front. */
function push(heap: Event[], event: Event): void {
	let index = heap.length;
	heap.push(event);

	while (index > 0) {
		const parentIndex = (index - 1) >> 1;
		const parent = heap[parentIndex] as Event;
		if (!isBefore(event, parent)) break;
		heap[index] = parent;
		index = parentIndex;
	}

	heap[index] = event;
}

function pop(heap: Event[]): void {
	const last = heap.pop();
	if (!last || heap.length === 0) return;
	let index = 0;

	for (;;) {
		let childIndex = 2 * index + 1;
		if (childIndex >= heap.length) break;
		const right = heap[childIndex + 1];
		if (right && isBefore(right, heap[childIndex] as Event)) childIndex += 1;
		const child = heap[childIndex] as Event;
		if (!isBefore(child, last)) break;
		heap[index] = child;
		index = childIndex;
	}

	heap[index] = last;
}
