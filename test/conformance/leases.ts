/** What every implementation of the leases does. */
import { describe, expect, it } from 'vitest';
import { SOURCE_A, type TableSubject } from './subject.ts';

export function describeLeases(subject: () => TableSubject): void {
	describe('leases', () => {
		it('are held by one process at a time', async () => {
			const { leases, leasesOfAnother } = subject();
			expect(await leases.take('a', 60_000)).toBe(true);
			expect(await leases.take('a', 60_000)).toBe(true);
			expect(await leasesOfAnother.take('a', 60_000)).toBe(false);
			expect(await leasesOfAnother.take('b', 60_000)).toBe(true);
			await leasesOfAnother.release('a');
			expect(await leasesOfAnother.take('a', 60_000)).toBe(false);
			await leases.release('a');
			expect(await leasesOfAnother.take('a', 60_000)).toBe(true);
			await leasesOfAnother.release('a');
			await leasesOfAnother.release('b');
		});

		it('go to one of two processes that ask at the same moment', async () => {
			const { leases, leasesOfAnother } = subject();
			for (let time = 0; time < 2; time += 1) {
				const taken = await Promise.all([leases.take('a', 60_000), leasesOfAnother.take('a', 60_000)]);
				expect(taken.filter(Boolean)).toHaveLength(1);
				await leases.release('a');
				await leasesOfAnother.release('a');
			}
		});

		it('go on to another when nobody has kept them up', async () => {
			const { leases, leasesOfAnother } = subject();
			await leases.take('a', -1000);
			expect(await leasesOfAnother.take('a', 60_000)).toBe(true);
			await leases.release('a');
			expect(await leases.take('a', 60_000)).toBe(false);
			await leasesOfAnother.release('a');
		});

		it('survive cleaning, whether or not what they are named after is there', async () => {
			const { checkpoints, leases, leasesOfAnother, retention } = subject();
			const names = ['setup', 'gone', SOURCE_A];
			for (const name of names) await leases.take(name, 60_000);
			await checkpoints.saveProgress('gone', { seq: 5 });
			await retention.dropOrphans({ before: 0 });
			expect(await checkpoints.read('gone')).toMatchObject({ progress: { seq: 0 } });
			for (const name of names) expect(await leasesOfAnother.take(name, 60_000)).toBe(false);
			for (const name of names) await leases.release(name);
		});
	});
}
