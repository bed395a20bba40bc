/**
 * What a source's progress belongs to: the configuration under which the remote was told what it has acknowledged, and
 * whether that was everything. Under another configuration, or when memories were lost, it is told everything again.
 */
import { type Digest, digestText } from '../replication/digest.ts';
import type { Source } from '../sources/port.ts';

export type Fingerprint =
	/** Nothing was told yet. What others pass on is believed. */
	| { kind: 'none' }
	/** No configuration's: whatever the remote was told before, it is told again, and what others pass on is not believed. */
	| { kind: 'tell_all' }
	/**
	 * Everything is being told again, for as long as that takes and across restarts. `owed` is the seq up to which that
	 * is; null before all is settled that was applied earlier.
	 */
	| { kind: 'unfinished'; configuration: Digest; owed: number | null }
	/** The remote was told everything, and is told what is new. */
	| { kind: 'finished'; configuration: Digest };

export const NO_FINGERPRINT: Fingerprint = { kind: 'none' };
export const TELL_ALL: Fingerprint = { kind: 'tell_all' };

export const finished = (source: Source): Fingerprint => ({ kind: 'finished', configuration: configurationOf(source) });

export const unfinished = (source: Source, owed: number | null = null): Fingerprint => ({
	kind: 'unfinished',
	configuration: configurationOf(source),
	owed,
});

/** Whether the remote was told everything under the present configuration. */
export const isFinished = (fingerprint: Fingerprint, source: Source): boolean =>
	fingerprint.kind === 'finished' && fingerprint.configuration === configurationOf(source);

/** Whether it is to be told everything from the beginning, as nothing was told under the present configuration. */
export const isChanged = (fingerprint: Fingerprint, source: Source): boolean =>
	!('configuration' in fingerprint) || fingerprint.configuration !== configurationOf(source);

/** What a remote is told depends on its address and on the listing, as the content model expands it. */
function configurationOf({ url, listing }: Source): Digest {
	return digestText(JSON.stringify([url, [...listing.values()]]));
}
