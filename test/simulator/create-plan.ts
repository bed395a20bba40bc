/** Draws a run from a seed. */

import { addFeatures } from './add-features.ts';
import { COUNTED, SHAPES } from './content.ts';
import {
	type Event,
	type Feature,
	type LinkPlan,
	NO_FAULTS,
	type NodePlan,
	neighbours,
	type Operation,
	type Plan,
	type Schema,
	type Topology,
} from './plan.ts';
import { createRandom, type Random } from './random.ts';

const MINUTE = 60_000;

export type PlanOptions = {
	/** Every direction shares other fields, and there are items from before the install. */
	varied?: boolean;
	/** Databases are put back to old backups. */
	restores?: boolean;
	/** All write items whose keys are counted up, instead of others. */
	collides?: boolean;
	/** What else may happen; each has draws of its own, so that a seed plays the same plan without it. */
	features?: readonly Feature[];
};

export function createPlan(
	seed: string,
	{ varied = false, restores = false, collides = false, features = [] }: PlanOptions = {},
): Plan {
	const random = createRandom(seed);
	const topology = random.pick<Topology>(['mesh', 'mesh', 'chain', 'ring', 'star']);
	const count = random.chance(0.05) ? 5 + random.below(3) : random.pick([2, 2, 3, 3, 3, 3, 3, 4]);
	const foreignKeys = random.chance(0.2);
	const nodes = Array.from({ length: count }, () => drawNode(random));
	const draw = createDraw(random, foreignKeys, collides);
	const quietFrom = random.pick([3_000, 10_000, 40_000]);
	const links = neighbours(topology, count).flatMap(([a, b]) => [
		drawLink(draw, a, b, varied),
		drawLink(draw, b, a, varied),
	]);

	const plan: Plan = {
		seed,
		topology,
		nodes,
		links,
		foreignKeys,
		old: varied && random.chance(0.5) ? drawOldItems(draw, count) : [],
		faults: random.chance(0.2) ? NO_FAULTS : drawFaults(random),
		events: [
			...drawEvents(draw, count, links, quietFrom),
			...(restores ? drawRestores(random, count, quietFrom) : []),
		].sort((a, b) => a.at - b.at),
		quietFrom,
	};
	return features.length > 0 ? addFeatures(plan, features) : plan;
}

function drawNode(random: Random): NodePlan {
	return {
		vendor: random.pick(['plain', 'sqlite', 'postgres', 'mysql']),
		processes: random.chance(0.15) ? 2 : 1,
		skew: random.chance(0.6) ? 0 : drawSkew(random),
		maxChanges: random.pick([1, 2, 5, 1000]),
	};
}

/** Mostly what is tolerated, now and then more. */
const drawSkew = (random: Random): number =>
	Math.round((random.next() - 0.5) * random.pick([2_000, 2 * MINUTE, 4 * MINUTE, 20 * MINUTE]));

/** A listing only ever grows: who takes a field away breaks the promise to tell it, on which others count. */
function drawLink({ random, collides }: Draw, from: number, to: number, isVaried: boolean): LinkPlan {
	const drawPart = (schema: Schema) =>
		schema.map(({ collection, fields }) => ({
			collection,
			fields: fields.filter((field) => field === 'origin' || random.chance(0.6)),
		}));
	const all = [...SHAPES.values()]
		.filter(({ keyIsCounted }) => keyIsCounted === collides)
		.map(({ collection, fields }) => ({ collection, fields: [...fields.keys()] }));
	const schema = isVaried ? drawPart(all) : all;
	return { from, to, schema, ...(isVaried && random.chance(0.1) && { earlier: drawPart(schema) }) };
}

function drawFaults(random: Random) {
	const likely = () => (random.chance(0.5) ? 0 : random.next() * 0.3);
	return {
		dropRequest: likely(),
		dropAnswer: likely(),
		duplicate: likely(),
		delay: likely(),
		longestDelay: random.pick([50, 1_000, 15_000]),
		database: random.chance(0.7) ? 0 : random.next() * 0.02,
	};
}

/** What all drawing of writes shares: each write of a run has a number of its own. */
type Draw = { random: Random; foreignKeys: boolean; collides: boolean; nextWrite: () => number };

function createDraw(random: Random, foreignKeys: boolean, collides: boolean): Draw {
	let write = 0;
	return {
		random,
		foreignKeys,
		collides,
		nextWrite: () => {
			write += 1;
			return write;
		},
	};
}

/** Mostly the same everywhere, as after copying a database. */
function drawOldItems({ random, nextWrite }: Draw, count: number): Plan['old'] {
	const isSame = random.chance(0.7);
	return ['a0', 'a1'].map((item) => {
		const first = nextWrite();
		return { item, writes: Array.from({ length: count }, (_, node) => (isSame || node === 0 ? first : nextWrite())) };
	});
}

function drawEvents(draw: Draw, count: number, links: LinkPlan[], quietFrom: number): Event[] {
	const { random } = draw;
	const events: Event[] = [];
	const time = () => random.below(quietFrom);
	const writes = 2 + random.below(10);
	let at = time();

	for (let index = 0; index < writes; index += 1) {
		// People often write at the same time, and while the last write is still on its way.
		at = random.chance(0.6) ? Math.min(quietFrom - 1, at + random.below(random.pick([10, 100, 1500]))) : time();
		events.push({
			at,
			kind: 'write',
			node: random.below(count),
			operations: drawOperations(draw),
			rollback: random.chance(0.08),
			flow: random.chance(0.6),
		});
	}

	if (random.chance(0.6)) {
		const crashes = 1 + random.below(3);
		for (let index = 0; index < crashes; index += 1) {
			const near = random.chance(0.7) ? random.pick(events).at : time();
			events.push({
				at: near,
				kind: 'crash',
				node: random.below(count),
				calls: random.below(60),
				downtime: random.pick([10, 2_000, 20_000]),
			});
		}
	}

	if (random.chance(0.5)) {
		const [from, to] = [random.below(count), random.below(count)];
		events.push({ at: time(), kind: 'cut', from, to, duration: random.below(quietFrom) });
		if (random.chance(0.5))
			events.push({ at: time(), kind: 'cut', from: to, to: from, duration: random.below(quietFrom) });
	}

	if (random.chance(0.2)) {
		const { from, to } = random.pick(links);
		events.push({ at: time(), kind: 'pause', from, to, duration: random.below(quietFrom) });
	}

	for (const { from, to, earlier } of links) if (earlier) events.push({ at: time(), kind: 'relist', from, to });
	if (random.chance(0.25)) events.push({ at: time(), kind: 'jump', node: random.below(count), skew: drawSkew(random) });
	return events.sort((a, b) => a.at - b.at);
}

function drawRestores(random: Random, count: number, quietFrom: number): Event[] {
	return Array.from({ length: random.pick([1, 1, 1, 2]) }, (): Event => {
		const at = random.below(quietFrom);
		return { at, kind: 'restore', node: random.below(count), age: random.below(random.pick([200, 2_000, at + 1])) };
	});
}

function drawOperations(draw: Draw): Operation[] {
	const { random, foreignKeys, collides, nextWrite } = draw;
	const size = random.chance(0.75) ? 1 : 2 + random.below(3);

	return Array.from({ length: size }, (): Operation => {
		const collection = collides ? COUNTED : random.chance(0.75) ? 'articles' : 'comments';
		const item = `${collection[0]}${random.below(3)}`;
		if (random.chance(0.2)) return { kind: 'delete', collection, item };
		const article = foreignKeys && random.chance(0.7) ? `a${random.below(3)}` : null;
		return { kind: 'put', collection, item, write: nextWrite(), changed: drawFields(random, collection), article };
	});
}

/** Which fields an edit changes. Whether it turns out to be a creation is seen only when it happens. */
function drawFields(random: Random, collection: string): string[] {
	const fields = [...(SHAPES.get(collection)?.fields.keys() ?? [])];
	const changed = fields.filter((field) => field !== 'origin' && random.chance(0.4));
	return changed.length > 0 ? changed : [collection === 'comments' ? 'text' : 'title'];
}
