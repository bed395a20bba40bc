/** What a checkpoint belongs to: a source's configuration, and whether all of it was told under that. */
import { digestText } from '../replication/digest.ts';
import type { Source } from '../sources/port.ts';
import type { Checkpoint } from './port.ts';

export function fingerprintOf(source: Source): string {
	const entries = [...source.listing.values()];
	return digestText(JSON.stringify([source.url, entries]));
}

/**
 * Until everything is told under a new configuration, also across restarts.
 * @param owed the seq up to which that is; not known before all is settled that was applied under the old one
 */
export const unfinished = (fingerprint: string, owed: number | null = null): string =>
	owed === null ? `${fingerprint} unfinished` : `${fingerprint} unfinished ${owed}`;

/** The seq up to which everything is still to be told; null when that is not known yet. */
export function owedUpTo({ fingerprint }: Checkpoint): number | null {
	const [, owed] = / unfinished (\d+)$/.exec(fingerprint ?? '') ?? [];
	return owed === undefined ? null : Number(owed);
}

/** No configuration's: whatever the remote was told before, it is told again. */
export const TELL_ALL = 'tell all';

export function isChanged({ fingerprint }: Checkpoint, source: Source): boolean {
	const wanted = fingerprintOf(source);
	return fingerprint !== wanted && !fingerprint?.startsWith(unfinished(wanted));
}
