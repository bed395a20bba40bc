/**
 * What the feed remembers of an item's fields: for each the winning stamp and the digest of its value.
 * As text it is compact: most items were last written in one go, so the common stamp is written once.
 */
import type { Digest } from './digest.ts';
import type { Timestamp } from './timestamp.ts';

export type FieldStamp = { at: Timestamp; digest: Digest };

/** By field name. */
export type Stamps = Readonly<Record<string, FieldStamp>>;

export const NO_STAMPS: Stamps = {};

type Encoded = {
	/** The stamp of all fields whose value is a plain digest. */
	t?: Timestamp;
	/** By field: a digest, or stamp and digest. */
	f: Record<string, Digest | [Timestamp, Digest]>;
};

export function encodeStamps(stamps: Stamps): string {
	const common = commonest(Object.values(stamps).map((stamp) => stamp.at));
	const f: Encoded['f'] = {};
	for (const [field, { at, digest }] of Object.entries(stamps)) f[field] = at === common ? digest : [at, digest];
	return JSON.stringify(common === null ? { f } : { t: common, f });
}

/** Reads what encodeStamps wrote; it is our own table, so the shape is trusted. */
export function decodeStamps(text: string): Stamps {
	const { t, f = {} } = JSON.parse(text) as Partial<Encoded>;
	const stamps: Record<string, FieldStamp> = {};

	for (const [field, encoded] of Object.entries(f)) {
		if (Array.isArray(encoded)) stamps[field] = { at: encoded[0], digest: encoded[1] };
		else if (t !== undefined) stamps[field] = { at: t, digest: encoded };
	}

	return stamps;
}

function commonest(timestamps: Timestamp[]): Timestamp | null {
	const counts = new Map<Timestamp, number>();
	let best: Timestamp | null = null;

	for (const timestamp of timestamps) {
		const count = (counts.get(timestamp) ?? 0) + 1;
		counts.set(timestamp, count);
		if (best === null || count > (counts.get(best) ?? 0)) best = timestamp;
	}

	return best;
}
