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
				progress: { seq: 0, target: 0, fingerprint: NO_FINGERPRINT, forgottenSeq: null, reconcileSince: null },
				link: { node: null, turns: [null], clockOffset: null },
				health: {
					attempts: 0,
					nextAttemptAt: null,
					failingSince: null,
					unansweredSince: null,
					error: null,
					notifiedAt: null,
					refusedNotifiedAt: null,
					warnings: [],
					conflicts: 0,
					lastConflictAt: null,
				},
			});
		});

		it('save only over the fingerprint that is asked for', async () => {
			const { checkpoints } = subject();
			const states = [TELL_ALL, unfinished, { ...unfinished, owed: 7 }, finished, NO_FINGERPRINT];
			let last = NO_FINGERPRINT;
			for (const next of states) {
				for (const other of states.filter((each) => each !== last))
					await checkpoints.saveProgress('a', { fingerprint: next, seq: 9 }, other);
				expect(await checkpoints.read('a')).toMatchObject({ progress: { fingerprint: last, seq: 0 } });
				await checkpoints.saveProgress('a', { fingerprint: next }, last);
				expect((await checkpoints.read('a')).progress.fingerprint).toEqual(next);
				last = next;
			}
		});

		it('keep what is saved, and nothing else changes', async () => {
			const { checkpoints } = subject();
			const fresh = { ...(await checkpoints.read('a')), source: 'b' };
			const warning = { code: 'item_skipped', collection: 'articles', field: 'author', to: 'authors' } as const;
			const saved = {
				progress: { seq: 5, target: 6, fingerprint: finished, forgottenSeq: 3, reconcileSince: 1_767_225_600_000 },
				link: { node: OTHER, turns: [], clockOffset: -3_000_000_000 },
				health: {
					attempts: 1,
					nextAttemptAt: 1_767_225_600_001,
					failingSince: 1_767_225_600_002,
					unansweredSince: 1_767_225_600_003,
					error: 'Gone.',
					notifiedAt: 1_767_225_600_004,
					refusedNotifiedAt: 1_767_225_600_005,
					warnings: [{ ...warning, count: 2, example: '1', since: 1_767_225_600_006 }],
					conflicts: 4,
					lastConflictAt: 1_767_225_600_007,
				},
			};
			await checkpoints.saveTogether('a', saved);
			expect(await checkpoints.read('a')).toEqual({ source: 'a', ...saved });

			await checkpoints.saveProgress('a', { seq: 7 });
			await checkpoints.saveLink('a', { turns: [null] });
			await checkpoints.saveHealth('a', { attempts: 2 });
			expect(await checkpoints.read('a')).toEqual({
				source: 'a',
				progress: { ...saved.progress, seq: 7 },
				link: { ...saved.link, turns: [null] },
				health: { ...saved.health, attempts: 2 },
			});
			expect(await checkpoints.read('b')).toEqual(fresh);
		});

		it('keep numbers beyond 32 bits', async () => {
			const { checkpoints } = subject();
			await checkpoints.saveProgress('a', { seq: 2 ** 40 });
			await checkpoints.request(['a'], 2 ** 41);
			expect(await checkpoints.read('a')).toMatchObject({ progress: { seq: 2 ** 40, target: 2 ** 41 } });
		});

		it('forget what is saved as null', async () => {
			const { checkpoints } = subject();
			await checkpoints.saveTogether('a', { link: { node: OTHER }, health: { error: 'Gone.', nextAttemptAt: 5 } });
			await checkpoints.saveLink('a', { node: null });
			await checkpoints.saveHealth('a', { error: null, nextAttemptAt: null });
			expect(await checkpoints.read('a')).toMatchObject({
				link: { node: null },
				health: { error: null, nextAttemptAt: null },
			});
		});

		it('raise the target and never lower it, but for cancelling', async () => {
			const { checkpoints } = subject();
			await checkpoints.request(['a', 'b'], 5);
			await checkpoints.request(['a'], 3);
			expect((await checkpoints.read('a')).progress.target).toBe(5);
			await checkpoints.saveProgress('a', { seq: 2 });
			await checkpoints.cancel('a');
			expect((await checkpoints.read('a')).progress.target).toBe(2);
			expect((await checkpoints.read('b')).progress.target).toBe(5);
		});
	});
}
