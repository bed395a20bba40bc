/** A short soak: `npm run soak` in small, with the storm just long enough for some of everything. */
import { expect, test } from 'vitest';
import { soak } from '../../soak/soak.ts';

test('three instances are equal after a storm of edits, conflicts, cuts and kills, and nothing is lost', async () => {
	const seed = Date.now() % 2 ** 31;
	const { faults, counts } = await soak({ milliseconds: 25_000, silence: 5_000, seed, say: () => undefined });
	expect(faults, `seed ${seed}, ${JSON.stringify(counts)}`).toEqual([]);
}, 600_000);
