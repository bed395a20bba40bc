/**
 * What is done when the two ends of a link no longer agree on what went over it: whatever either may have lost is
 * told again. Stamps make that harmless, and everybody keeps what is newer.
 */

import { START_OVER } from '../replication/turns.ts';
import type { SourcesDep } from '../sources/port.ts';
import { TELL_ALL } from './fingerprint.ts';
import type { CheckpointsDep } from './port.ts';

type StartOverDeps = CheckpointsDep & SourcesDep;

/** The sender's side: this remote is told everything, and hears of that with the next batch. */
export async function startLinkOver({ checkpoints }: StartOverDeps, source: string): Promise<void> {
	await checkpoints.saveTogether(source, { progress: { fingerprint: TELL_ALL }, link: { turns: START_OVER } });
}

/**
 * The receiver's side: the sender may have lost what it had from us, and what it has promised others to pass on. So every
 * remote is told everything.
 */
export async function tellAllAgain({ checkpoints, sources }: StartOverDeps): Promise<void> {
	for (const source of await sources.list()) await checkpoints.saveProgress(source.id, { fingerprint: TELL_ALL });
}
