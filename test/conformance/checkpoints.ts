/** What every implementation of the checkpoints does. */
import { describe, expect, it } from 'vitest';
import { OTHER, type TableSubject } from './subject.ts';

export function describeCheckpoints(subject: () => TableSubject): void {
	describe('checkpoints', () => {
		it('start at nothing', async () => {
			expect(await subject().checkpoints.read('a')).toEqual({
				source: 'a',
				seq: 0,
				target: 0,
				node: null,
				fingerprint: null,
				turns: [null],
				clockOffset: null,
				attempts: 0,
				nextAttemptAt: null,
				failingSince: null,
				unansweredSince: null,
				error: null,
				notifiedAt: null,
				refusedNotifiedAt: null,
				warnings: [],
				forgottenSeq: null,
				reconcileSince: null,
				conflicts: 0,
				lastConflictAt: null,
			});
		});

		it('save only over the fingerprint that is asked for', async () => {
			const { checkpoints } = subject();
			await checkpoints.save('a', { fingerprint: 'old' });
			await checkpoints.save('a', { fingerprint: 'wrong' }, 'other');
			await checkpoints.save('a', { fingerprint: 'new' }, 'old');
			expect(await checkpoints.read('a')).toMatchObject({ fingerprint: 'new' });
		});

		it('keep what is saved, and nothing else changes', async () => {
			const { checkpoints } = subject();
			const saved = {
				turns: [],
				clockOffset: -3_000_000_000,
				seq: 5,
				node: OTHER,
				fingerprint: 'f',
				nextAttemptAt: 1_767_225_600_000,
				error: 'Gone.',
			};
			await checkpoints.save('a', saved);
			await checkpoints.save('a', { attempts: 2 });
			expect(await checkpoints.read('a')).toMatchObject({ ...saved, attempts: 2, target: 0 });
			expect(await checkpoints.read('b')).toMatchObject({ seq: 0, node: null });
		});

		it('keep numbers beyond 32 bits', async () => {
			const { checkpoints } = subject();
			await checkpoints.save('a', {
				seq: 2 ** 40,
				failingSince: 1_767_225_600_123,
				unansweredSince: 1_767_225_600_124,
			});
			await checkpoints.request(['a'], 2 ** 41);
			expect(await checkpoints.read('a')).toMatchObject({
				seq: 2 ** 40,
				target: 2 ** 41,
				failingSince: 1_767_225_600_123,
				unansweredSince: 1_767_225_600_124,
			});
		});

		it('forget what is saved as null', async () => {
			const { checkpoints } = subject();
			await checkpoints.save('a', { node: OTHER, error: 'Gone.', nextAttemptAt: 5 });
			await checkpoints.save('a', { node: null, error: null, nextAttemptAt: null });
			expect(await checkpoints.read('a')).toMatchObject({ node: null, error: null, nextAttemptAt: null });
		});

		it('raise the target and never lower it, but for cancelling', async () => {
			const { checkpoints } = subject();
			await checkpoints.request(['a', 'b'], 5);
			await checkpoints.request(['a'], 3);
			expect((await checkpoints.read('a')).target).toBe(5);
			await checkpoints.save('a', { seq: 2 });
			await checkpoints.cancel('a');
			expect((await checkpoints.read('a')).target).toBe(2);
			expect((await checkpoints.read('b')).target).toBe(5);
		});
	});
}
