/** Fingerprints as they are stored: null, `tell all`, `<digest> unfinished`, `<digest> unfinished <seq>` or `<digest>`. */
import type { Digest } from '../replication/digest.ts';
import { type Fingerprint, NO_FINGERPRINT, TELL_ALL } from './fingerprint.ts';

const TOLD = /^(?<configuration>[0-9a-f]{16})(?<unfinished> unfinished(?: (?<owed>\d{1,15}))?)?$/;

export function fingerprintToText(fingerprint: Fingerprint): string | null {
	switch (fingerprint.kind) {
		case 'none':
			return null;
		case 'tell_all':
			return 'tell all';
		case 'unfinished':
			return [fingerprint.configuration, 'unfinished', ...(fingerprint.owed === null ? [] : [fingerprint.owed])].join(
				' ',
			);
		case 'finished':
			return fingerprint.configuration;
	}
}

/** A text that nobody can read tells nothing of what the remote knows, so it is told everything again. */
export function textToFingerprint(text: string | null): Fingerprint {
	if (text === null) return NO_FINGERPRINT;
	const { configuration, unfinished, owed } = TOLD.exec(text)?.groups ?? {};
	if (configuration === undefined) return TELL_ALL;
	if (unfinished === undefined) return { kind: 'finished', configuration: configuration as Digest };
	return {
		kind: 'unfinished',
		configuration: configuration as Digest,
		owed: owed === undefined ? null : Number(owed),
	};
}
