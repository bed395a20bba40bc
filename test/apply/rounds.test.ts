/** How often what is refused within a batch is tried again. */
import { expect, it } from 'vitest';
import { apply } from '../../src/apply/apply.ts';
import type { Change } from '../../src/replication/change.ts';
import { createTimestamp } from '../../src/replication/timestamp.ts';
import { Refusal } from '../../src/wire/refusal.ts';
import type { Rule } from '../simulator/memory/apply.ts';
import { createTestNode, nodeId, type TestNode } from '../support/memory/node.ts';

const ITEMS = 1000;
const at = (millis: number) =>
	createTimestamp({ millis: 1_767_225_600_000 + millis, counter: 0, writer: '000000000002aaaa' });

/** No two titles may be equal; counts the writes that were tried. */
function uniqueTitles(): { rule: Rule; tries: () => number } {
	let tries = 0;
	let titles = new Map<string, unknown>();
	const rule: Rule = ({ item, values }) => {
		tries += 1;
		const isTaken = [...titles].some(([other, title]) => other !== item && title === values?.title);
		if (isTaken) return new Refusal('failed', 'not_unique', `${item}: taken`);
		titles = new Map(titles).set(item, values?.title);
		return null;
	};
	return { rule, tries: () => tries };
}

const changes = (titleOf: (index: number) => number, life: number): Change[] =>
	Array.from({ length: ITEMS }, (_, index) => ({
		collection: 'articles',
		item: String(index),
		life: 1,
		born: null,
		fields: { title: { at: at(life), value: `title ${titleOf(index)}` } },
		mode: 'upsert' as const,
	}));

const receive = (node: TestNode, sent: Change[]) =>
	apply(node.ports, { node: nodeId(2), path: [], link: null, changes: sent });

it.each([
	['each item takes the title of the next one', (index: number) => index + 1],
	['each item takes the title of the one before', (index: number) => (index === 0 ? ITEMS : index - 1)],
])(
	'%s: all get theirs in few writes',
	async (_title, titleOf) => {
		const { rule, tries } = uniqueTitles();
		const node = createTestNode({ rules: [rule] });
		await receive(
			node,
			changes((index) => index, 1),
		);
		const before = tries();
		const results = await receive(node, changes(titleOf, 2));
		expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['applied']));
		expect(tries() - before).toBeLessThan(4 * ITEMS);
	},
	60_000,
);

it('leaves the rest of a very bad order to the next attempt', async () => {
	const { rule, tries } = uniqueTitles();
	const node = createTestNode({ rules: [rule] });
	await receive(
		node,
		changes((index) => index, 1),
	);
	const before = tries();
	// Each waits for one that stands far from it, in either direction.
	const order = Array.from({ length: ITEMS }, (_, index) => (index * 389) % ITEMS);
	const placeOf = new Map(order.map((item, place) => [item, place]));
	const sent = changes((index) => order[(placeOf.get(index) ?? 0) + 1] ?? ITEMS, 2);
	const results = await receive(node, sent);
	expect(tries() - before).toBeLessThan(10 * ITEMS);
	const waiting = results.filter(({ outcome }) => outcome !== 'applied');
	expect(new Set(waiting.map(({ outcome, code }) => `${outcome} ${code}`))).toEqual(new Set(['pending not_unique']));
}, 60_000);
