/** What every implementation of the checkpoints does. */
import { describe, expect, it } from 'vitest';
import { type Fingerprint, NO_FINGERPRINT, TELL_ALL } from '../../src/link/fingerprint.ts';
import { digestText } from '../../src/replication/digest.ts';
import { OTHER, type TableSubject } from './subject.ts';

const configuration = digestText('a configuration');
const finished: Fingerprint = { kind: 'finished', configuration };
const unfinished: Fingerprint = { kind: 'unfinished', configuration, owed: null };

export function describeCheckpoints(subject: () => TableSubject): void {
	describe('checkpoints', () => {
		it('start at nothing', async () => {
			expect(await subject().checkpoints.read('a')).toEqual({
				source: 'a',
				seq: 0,
				target: 0,
				node: null,
				fingerprint: NO_FINGERPRINT,
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
			const states = [TELL_ALL, unfinished, { ...unfinished, owed: 7 }, finished, NO_FINGERPRINT];
			let last = NO_FINGERPRINT;
			for (const next of states) {
				for (const other of states.filter((each) => each !== last))
					await checkpoints.save('a', { fingerprint: next, seq: 9 }, other);
				expect(await checkpoints.read('a')).toMatchObject({ fingerprint: last, seq: 0 });
				await checkpoints.save('a', { fingerprint: next }, last);
				expect((await checkpoints.read('a')).fingerprint).toEqual(next);
				last = next;
			}
		});

		it('keep what is saved, and nothing else changes', async () => {
			const { checkpoints } = subject();
			const saved = {
				turns: [],
				clockOffset: -3_000_000_000,
				seq: 5,
				node: OTHER,
				fingerprint: finished,
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
