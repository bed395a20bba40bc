import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/apply/decide.ts';
import { permit } from '../../src/apply/permitted.ts';
import type { ApplyTransaction } from '../../src/apply/port.ts';
import type { Slot } from '../../src/apply/slot.ts';
import type { ItemAction } from '../../src/content/port.ts';
import { ARTICLES } from '../support/memory/node.ts';

type Asked = { actions: ItemAction[]; item: string | null };

const slot = (life: number, exists: boolean): Slot => ({
	change: { collection: 'articles', item: '1', life, born: null, fields: {}, mode: 'upsert' },
	shape: ARTICLES,
	locked: { item: '1', row: null, values: exists ? { title: 'A' } : null },
});

const decision = (part: Partial<Decision> = {}): Decision => ({
	result: { outcome: 'applied' },
	write: null,
	record: true,
	state: null,
	unsettled: false,
	merge: null,
	conflicts: [],
	nulled: [],
	...part,
});

/** What is asked for, and the result where none of that is allowed. */
async function refusedOf(of: Slot, decided: Decision) {
	const asked: Asked[] = [];
	const transaction = {
		may: async (_shape: unknown, actions: ItemAction[], item: string | null) => {
			asked.push({ actions, item });
			return false;
		},
	} as unknown as ApplyTransaction;
	const { result, record } = await permit(transaction, of, decided);
	return { asked, outcome: result.outcome, code: result.code, record };
}

describe('permit', () => {
	const FORBIDDEN = { outcome: 'failed', code: 'forbidden', record: false };
	const ANY: ItemAction[] = ['update', 'delete', 'create'];

	it.each<[string, Slot, Decision, Asked]>([
		['the deletion of an item', slot(2, false), decision(), { actions: ['delete'], item: null }],
		['what is known of an item', slot(3, true), decision(), { actions: ['update'], item: '1' }],
		['what is known of none', slot(1, false), decision(), { actions: ['update', 'create'], item: null }],
		[
			'an answer to a probe',
			slot(1, true),
			decision({ result: { outcome: 'wanted' }, record: false }),
			{ actions: ANY, item: null },
		],
		[
			'that two items have one key',
			slot(1, true),
			decision({ result: { outcome: 'failed', code: 'key_conflict' }, record: false }),
			{ actions: ANY, item: null },
		],
	])('asks for %s', async (_title, of, decided, asked) => {
		expect(await refusedOf(of, decided)).toEqual({ ...FORBIDDEN, asked: [asked] });
	});

	it('leaves to Directus what is written, and what is refused already', async () => {
		const write = { collection: 'articles', item: '1', kind: 'delete' } as const;
		expect(await refusedOf(slot(2, true), decision({ write }))).toMatchObject({ asked: [], outcome: 'applied' });
		const refused = decision({ result: { outcome: 'failed', code: 'invalid_value' }, record: false });
		expect(await refusedOf(slot(1, true), refused)).toMatchObject({ asked: [], code: 'invalid_value' });
	});
});
