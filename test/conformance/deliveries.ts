/** What every implementation of the deliveries does. */
import { describe, expect, it } from 'vitest';
import type { Ref } from '../../src/content/port.ts';
import type { Delivery } from '../../src/push/port.ts';
import { article, SOURCE_A, SOURCE_B, type Subject } from './subject.ts';

const MOMENT = 1_767_225_600_000;

const deliveryOf = (ref: Ref, overrides: Partial<Delivery> = {}): Delivery => ({
	...ref,
	status: 'pending',
	code: 'missing_parent',
	message: 'Its parent is missing.',
	attempts: 1,
	nextAttemptAt: MOMENT,
	...overrides,
});

export function describeDeliveries(subject: () => Subject): void {
	const read = async (source: string, refs?: Ref[]) =>
		(await subject().deliveries.read(source, refs)).sort((a, b) => (a.item < b.item ? -1 : 1));

	describe('deliveries', () => {
		it('are none at first', async () => {
			expect(await read(SOURCE_A)).toEqual([]);
			expect(await read(SOURCE_A, [article(1)])).toEqual([]);
			await subject().deliveries.clear(SOURCE_A, [article(1)]);
			await subject().deliveries.put(SOURCE_A, []);
			expect(await subject().deliveries.retry(null)).toEqual({ count: 0, sources: [] });
		});

		it('are kept as they were put, for their source alone', async () => {
			const failed = deliveryOf(article(2), {
				status: 'failed',
				code: 'forbidden',
				message: 'Grüße: "no".',
				attempts: 7,
				nextAttemptAt: null,
			});
			await subject().deliveries.put(SOURCE_A, [deliveryOf(article(1)), failed]);
			expect(await read(SOURCE_A)).toEqual([deliveryOf(article(1)), failed]);
			expect(await read(SOURCE_A, [article(2), article(3)])).toEqual([failed]);
			expect(await read(SOURCE_B)).toEqual([]);
		});

		it('are one for each item, the latest', async () => {
			await subject().deliveries.put(SOURCE_A, [deliveryOf(article(1))]);
			const later = deliveryOf(article(1), { status: 'failed', code: 'not_unique', attempts: 2, nextAttemptAt: null });
			await subject().deliveries.put(SOURCE_A, [later, deliveryOf(article(2))]);
			expect(await read(SOURCE_A)).toEqual([later, deliveryOf(article(2))]);
		});

		it('are cleared for items of one source', async () => {
			for (const source of [SOURCE_A, SOURCE_B]) {
				await subject().deliveries.put(source, [deliveryOf(article(1)), deliveryOf(article(2))]);
			}
			await subject().deliveries.clear(SOURCE_A, [article(1), article(3)]);
			expect(await read(SOURCE_A)).toEqual([deliveryOf(article(2))]);
			expect(await read(SOURCE_B)).toHaveLength(2);
		});

		it('are due at once, and stay what they are, when their source is configured anew', async () => {
			const before = Date.now();
			const failed = deliveryOf(article(1), { status: 'failed', code: 'forbidden' });
			await subject().deliveries.put(SOURCE_A, [failed, deliveryOf(article(2))]);
			await subject().deliveries.put(SOURCE_B, [failed]);
			await subject().deliveries.makeDue([SOURCE_A]);
			for (const each of await read(SOURCE_A)) {
				expect(each.nextAttemptAt).toBeGreaterThan(before - 1000);
				expect(each.nextAttemptAt).toBeLessThanOrEqual(Date.now());
			}
			expect((await read(SOURCE_A)).map(({ status }) => status)).toEqual(['failed', 'pending']);
			expect(await read(SOURCE_B)).toEqual([failed]);
			await subject().deliveries.makeDue([]);
		});

		it('are due at once when a user retries them', async () => {
			const before = Date.now();
			const failed = deliveryOf(article(1), { status: 'failed', code: 'forbidden', nextAttemptAt: null });
			await subject().deliveries.put(SOURCE_A, [failed, deliveryOf(article(2))]);
			await subject().deliveries.put(SOURCE_B, [failed]);
			const id = await subject().deliveryId(SOURCE_A, article(1));
			expect(await subject().deliveries.retry([id])).toEqual({ count: 1, sources: [SOURCE_A] });
			const [retried, other] = await read(SOURCE_A);
			expect(retried).toMatchObject({ status: 'pending', code: 'forbidden' });
			expect(retried?.nextAttemptAt).toBeGreaterThan(before - 1000);
			expect(retried?.nextAttemptAt).toBeLessThanOrEqual(Date.now());
			expect(other).toEqual(deliveryOf(article(2)));
			expect(await read(SOURCE_B)).toEqual([failed]);
			const all = await subject().deliveries.retry(null);
			expect({ ...all, sources: all.sources.sort() }).toEqual({ count: 3, sources: [SOURCE_A, SOURCE_B] });
			expect((await read(SOURCE_B))[0]).toMatchObject({ status: 'pending' });
		});
	});
}
