import { describe, expect, it, vi } from 'vitest';
import { whenNotBusy } from '../../src/directus/when-not-busy.ts';

const busy = Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });

describe('whenNotBusy', () => {
	it('tries again while the database is busy, also when Directus has wrapped its answer', async () => {
		const work = vi.fn<() => Promise<string>>();
		work.mockRejectedValueOnce(busy).mockRejectedValueOnce(new Error('Transaction failed', { cause: busy }));
		work.mockResolvedValueOnce('done');
		expect(await whenNotBusy(work, [0, 0, 0])).toBe('done');
		expect(work).toHaveBeenCalledTimes(3);
	});

	it('gives up in the end, and at once on anything else', async () => {
		const alwaysBusy = vi.fn(() => Promise.reject(busy));
		await expect(whenNotBusy(alwaysBusy, [0, 0])).rejects.toBe(busy);
		expect(alwaysBusy).toHaveBeenCalledTimes(3);

		const broken = vi.fn(() => Promise.reject(new Error('no such table')));
		await expect(whenNotBusy(broken, [0, 0])).rejects.toThrow('no such table');
		expect(broken).toHaveBeenCalledTimes(1);
	});
});
