/** What a checkpoint belongs to: a source's configuration, and whether all of it was told under that. */
import { digestText } from '../replication/digest.ts';
import type { Checkpoint, Source } from './ports.ts';

export function fingerprintOf(source: Source): string {
	const entries = [...source.listing.values()];
	return digestText(JSON.stringify([source.url, entries]));
}

/** Until the first push under a new configuration is done, also across restarts. */
export const unfinished = (fingerprint: string): string => `${fingerprint} unfinished`;

/** No configuration's: whatever the remote was told before, it is told again. */
export const TELL_ALL = 'tell all';

export function isChanged({ fingerprint }: Checkpoint, source: Source): boolean {
	const wanted = fingerprintOf(source);
	return fingerprint !== wanted && fingerprint !== unfinished(wanted);
}
