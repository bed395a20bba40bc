/**
 * Does what the state machine of each source (push-state.ts) says is to be done, and tells it the outcome. Each source has
 * pushes of its own, one at a time, so a slow one keeps no other waiting. Calls during a push share the next one.
 */
import type { Checkpoint } from '../link/port.ts';
import { type Attempt, type PushSourceDeps, pushSource } from '../push/push-source.ts';
import type { Source } from '../sources/port.ts';
import type { Contacts } from './contacts.ts';
import { nextEarlyTry } from './early-tries.ts';
import {
	type Ask,
	advancePush,
	isGreetingDue,
	NO_PUSH,
	type PushAction,
	type PushEvent,
	type PushState,
} from './push-state.ts';
import { type SourceReport, toSourceReport } from './source-report.ts';
import { watchTouches } from './watch-touches.ts';

export type SourcePushes = {
	/** The report of a push that begins no earlier than this call. */
	push(source: string, ask: Ask): Promise<SourceReport>;
	/** The source's node came to compare memories at `now`. */
	visited(source: string, now: number): void;
	isGreetingDue(source: string): boolean;
	/** When a source is tried before its time, as its remote's node has contacted us; null: it isn't. Milliseconds. */
	nextEarlyTry(checkpoint: Checkpoint): number | null;
};

type Caller = { resolve: (report: SourceReport) => void; reject: (error: unknown) => void };

export function createSourcePushes(
	ports: PushSourceDeps,
	{ contacts, settle }: { contacts: Contacts; settle: () => Promise<unknown> },
): SourcePushes {
	const states = new Map<string, PushState>();
	/** Those who wait for the push that has not begun yet. */
	const callers = new Map<string, Caller[]>();

	const stateOf = (id: string): PushState => states.get(id) ?? NO_PUSH;

	const happened = (id: string, event: PushEvent): PushAction => {
		const { state, action } = advancePush(stateOf(id), event);
		states.set(id, state);
		return action;
	};

	const earlyTry = ({ source, link, health }: Checkpoint): number | null =>
		health.unansweredSince === null ? null : nextEarlyTry(stateOf(source).tries, contacts.heardAt(link.node));

	/** One push after the other, as long as somebody asks for one. */
	const pushWhileAsked = async (id: string, first: PushAction): Promise<void> => {
		for (let action = first; action.do !== 'nothing'; action = happened(id, { kind: 'ended' })) {
			const waiting = callers.get(id) ?? [];
			callers.delete(id);
			try {
				const report = await pushUntilSettled(id, action);
				for (const { resolve } of waiting) resolve(report);
			} catch (error) {
				for (const { reject } of waiting) reject(error);
			}
		}
	};

	const pushUntilSettled = async (id: string, first: PushAction): Promise<SourceReport> => {
		const attempts: Attempt[] = [];
		let source: Source | null = null;

		for (let action = first; ; ) {
			if (action.do === 'look') {
				source = await find(ports, id);
				action = happened(id, { kind: 'found', published: source?.published ?? false });
			} else if (action.do === 'attempt' && source) {
				const { attempt, event } = await attemptOnce(source, action.ask);
				attempts.push(attempt);
				action = happened(id, event);
			} else if (action.do === 'settle') {
				await settle();
				action = happened(id, { kind: 'settled' });
			} else return toSourceReport(ports, id, source, attempts);
		}
	};

	const attemptOnce = async (source: Source, ask: Ask): Promise<{ attempt: Attempt; event: PushEvent }> => {
		if (ask.toHead) await ports.checkpoints.request([source.id], await ports.feed.head());
		const began = ports.clock.now();
		const watched = watchTouches(ports);
		let early = false;
		const attempt = await pushSource(watched.ports, source, {
			force: ask.force,
			greets: isGreetingDue(stateOf(source.id), began),
			isDueEarly: (checkpoint) => {
				early = (earlyTry(checkpoint) ?? Number.POSITIVE_INFINITY) <= ports.clock.now();
				return early;
			},
		});
		const { status } = attempt;
		const touched = watched.touched();
		return { attempt, event: { kind: 'attempted', status, began, now: ports.clock.now(), early, touched } };
	};

	return {
		push: (id, ask) =>
			new Promise((resolve, reject) => {
				callers.set(id, [...(callers.get(id) ?? []), { resolve, reject }]);
				void pushWhileAsked(id, happened(id, { kind: 'asked', ask }));
			}),
		visited: (id, now) => {
			happened(id, { kind: 'visited', now });
		},
		isGreetingDue: (id) => isGreetingDue(stateOf(id), ports.clock.now()),
		nextEarlyTry: earlyTry,
	};
}

const find = async (ports: PushSourceDeps, id: string): Promise<Source | null> =>
	(await ports.sources.list()).find((source) => source.id === id) ?? null;
