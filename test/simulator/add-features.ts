/** Adds to a plan what only some runs have. Each feature draws from a source of its own. */
import { PARENT, SHAPES } from './content.ts';
import type { Event, Feature, LinkPlan, Operation, Plan, Schema } from './plan.ts';
import { createRandom, type Random } from './random.ts';

type Write = Extract<Event, { kind: 'write' }>;

const DAY = 24 * 3_600_000;
/** Numbers of writes, far from those that the plan has. */
const FIRST_WRITE = 1000;

const ADD: Record<Feature, (plan: Plan, random: Random) => Plan> = {
	filters: addFilters,
	returns: addReturns,
	deaths: addDeaths,
	listings: addListings,
	sources: addSources,
	models: addModels,
	cleaning: addCleaning,
	cascades: addCascades,
	clocks: addClocks,
};

export function addFeatures(plan: Plan, features: readonly Feature[]): Plan {
	const added = features.reduce((so, feature) => ADD[feature](so, createRandom(`${plan.seed} ${feature}`)), plan);
	return { ...added, features: [...features], events: [...added.events].sort((a, b) => a.at - b.at) };
}

/** Items that are featured pass, and comments on those that are; and people who feature items, and no longer. */
function addFilters(plan: Plan, random: Random): Plan {
	const links = plan.links.map((link) => ({
		...link,
		schema: link.schema.map((entry) => {
			if (entry.collection === 'articles' && random.chance(0.5)) {
				return { ...entry, filter: { featured: { _eq: true } } };
			}
			if (entry.collection === 'comments' && random.chance(0.4)) {
				return { ...entry, filter: { article: { featured: { _eq: true } } } };
			}
			return entry;
		}),
	}));
	const edits = times(2 + random.below(6), (index) =>
		random.chance(0.7)
			? put(random, plan, FIRST_WRITE + index, { collection: 'articles', changed: ['featured'] })
			: put(random, plan, FIRST_WRITE + index, {
					collection: 'comments',
					changed: [random.pick(['text', 'article'])],
					article: `a${random.below(3)}`,
				}),
	);
	return { ...plan, links, foreignKeys: plan.foreignKeys || random.chance(0.5), events: [...plan.events, ...edits] };
}

/** A value that is set, and set back while the last one is on its way. */
function addReturns(plan: Plan, random: Random): Plan {
	const events = times(1 + random.below(4), (index) => {
		const node = random.below(plan.nodes.length);
		const at = random.below(plan.quietFrom);
		const item = `a${random.below(3)}`;
		const [first, second] = [2000 + 2 * index, 2001 + 2 * index];
		let later = at;
		return [first, second, first].map((write): Write => {
			later += random.below(random.pick([5, 60, 1200]));
			const operation = { collection: 'articles', item, write, changed: ['title'] };
			return toWrite(random, later, node, { ...operation, kind: 'put', article: null });
		});
	});
	return { ...plan, events: [...plan.events, ...events.flat()] };
}

/** Links that die, and sources that are given up. */
function addDeaths(plan: Plan, random: Random): Plan {
	const events = times(1 + random.below(2), (): Event => {
		const { from, to, name } = random.pick(plan.links);
		const at = random.below(plan.quietFrom);
		const kind = random.pick(['die', 'die', 'remove', 'unpublish'] as const);
		return { at, from, to, ...(kind !== 'die' && name !== undefined && { name }), kind };
	});
	return { ...plan, events: [...plan.events, ...events] };
}

/** Listings that grow and shrink, over items that are not filled in whole. */
function addListings(plan: Plan, random: Random): Plan {
	const sparse = (event: Event): Event =>
		event.kind === 'write' && random.chance(0.7)
			? {
					...event,
					operations: event.operations.map((each) => (each.kind === 'put' ? { ...each, sparse: true } : each)),
				}
			: event;
	const relisted = times(1 + random.below(3), (): Event[] => {
		const link = random.pick(plan.links);
		const draw = (schema: Schema): Schema =>
			schema
				.filter(() => random.chance(0.9))
				.map((entry) => ({
					...entry,
					fields: entry.fields.filter((field) => field === 'origin' || random.chance(0.6)),
				}));
		const full = link.schema;
		const [small, large] = [random.below(plan.quietFrom), random.below(plan.quietFrom)];
		const name = { from: link.from, to: link.to, ...(link.name !== undefined && { name: link.name }) };
		return [
			{ at: Math.floor(small / random.pick([1, 100])), ...name, kind: 'list', schema: draw(full) },
			{ at: large, ...name, kind: 'list', schema: random.chance(0.6) ? full : draw(full) },
		];
	});
	return { ...plan, events: [...plan.events.map(sparse), ...relisted.flat()] };
}

/** Several sources to one remote, which list different parts of one collection, or different collections. */
function addSources(plan: Plan, random: Random): Plan {
	const links = plan.links.flatMap((link): LinkPlan[] => {
		if (random.chance(0.5)) return [link];
		const part = (): Schema =>
			link.schema
				.filter(() => random.chance(0.8))
				.map((entry) => ({
					...entry,
					fields: entry.fields.filter((field) => field === 'origin' || random.chance(0.6)),
				}));
		return [
			{ ...link, schema: part() },
			{ ...link, name: 'too', schema: part() },
		];
	});
	return { ...plan, links };
}

/** Nodes whose model lacks something. */
function addModels(plan: Plan, random: Random): Plan {
	const fields = [...(SHAPES.get('articles')?.fields.keys() ?? [])].filter((field) => field !== 'origin');
	const nodes = plan.nodes.map((node) => {
		if (random.chance(0.5)) return node;
		const lacks = random.chance(0.4)
			? [{ collection: 'comments' }]
			: [{ collection: 'articles', field: random.pick(fields) }];
		return { ...node, lacks };
	});
	return { ...plan, nodes };
}

/** Days pass, deletions are forgotten, and people go on. */
function addCleaning(plan: Plan, random: Random): Plan {
	const later = times(2 + random.below(6), (index): Write => {
		const write = put(random, plan, 4000 + index, { collection: 'articles', changed: ['title'] });
		const { operations } = write;
		const [operation] = operations;
		if (operation && random.chance(0.3)) {
			const { collection, item } = operation;
			return { ...write, at: random.below(20_000), operations: [{ kind: 'delete', collection, item }] };
		}
		return { ...write, at: random.below(20_000) };
	});
	const deletions = times(1 + random.below(3), () => {
		const { at, node } = put(random, plan, 0, { collection: 'articles', changed: [] });
		const operation: Operation = { kind: 'delete', collection: 'articles', item: `a${random.below(3)}` };
		return toWrite(random, at, node, operation);
	});
	return { ...plan, retention: DAY, later, events: [...plan.events, ...deletions] };
}

/** Children that go with their parents, or lose them. */
function addCascades(plan: Plan, random: Random): Plan {
	const comments = times(2 + random.below(4), (index) =>
		put(random, plan, 5000 + index, {
			collection: PARENT.collection,
			changed: ['text', PARENT.field],
			article: `a${random.below(3)}`,
		}),
	);
	const deletions = times(1 + random.below(3), () => {
		const { at, node } = put(random, plan, 0, { collection: 'articles', changed: [] });
		return toWrite(random, at, node, { kind: 'delete', collection: 'articles', item: `a${random.below(3)}` });
	});
	const onDelete = random.pick(['SET NULL', 'CASCADE'] as const);
	return { ...plan, foreignKeys: true, onDelete, events: [...plan.events, ...comments, ...deletions] };
}

/** A clock that is a day wrong for a while; somebody sets it right, and starts the node anew. */
function addClocks(plan: Plan, random: Random): Plan {
	const node = random.below(plan.nodes.length);
	const at = random.below(plan.quietFrom);
	const right = at + random.below(plan.quietFrom);
	const skew = random.chance(0.7) ? DAY : -DAY;
	const wrong = times(1 + random.below(2), (index) => ({
		...put(random, plan, 6000 + index, { collection: 'articles', changed: ['title', 'price'] }),
		at: at + random.below(1 + right - at),
		node,
	}));
	const right0 = Math.min(right, plan.quietFrom - 1);
	const events: Event[] = [
		{ at, kind: 'jump', node, skew },
		{ at: right0, kind: 'jump', node, skew: 0 },
		{ at: right0, kind: 'restart', node },
	];
	return { ...plan, events: [...plan.events, ...events, ...wrong.filter((write) => write.at < right0)] };
}

const times = <T>(count: number, draw: (index: number) => T): T[] => Array.from({ length: count }, (_, n) => draw(n));

type Put = { collection: string; changed: string[]; article?: string };

function put(random: Random, plan: Plan, write: number, { collection, changed, article }: Put): Write {
	const item = `${collection[0]}${random.below(3)}`;
	const operation: Operation = { kind: 'put', collection, item, write, changed, article: article ?? null };
	return toWrite(random, random.below(plan.quietFrom), random.below(plan.nodes.length), operation);
}

const toWrite = (random: Random, at: number, node: number, operation: Operation): Write => ({
	at,
	kind: 'write',
	node,
	operations: [operation],
	rollback: false,
	flow: random.chance(0.6),
});
