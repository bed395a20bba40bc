/**
 * What the feed remembers of an item's fields: for each the winning stamp and the digest of its value.
 * As text it is compact: most items were last written in one go, so the common stamp is written once.
 */
import type { Digest, Json } from './digest.ts';
import type { Birth } from './life.ts';
import type { Timestamp } from './timestamp.ts';

/** A value as its origin told it. */
export type SentValue = {
	value: Json;
	/** Where the value is a user: the e-mail address they are known by on other nodes. */
	email?: string;
};

/** What the writer of a value had seen; the merge never looks at it, only conflicts are told by it (conflict.ts). */
export type Seen = {
	/** The last value of another node that this write has replaced; null: of none. Left out where that is not known. */
	over?: Timestamp | null | undefined;
};

export type FieldStamp = Seen & {
	at: Timestamp;
	/** Of the value as this database has it. */
	digest: Digest;
	/** The value as it came, where this node could not keep it so; others are told this one. */
	sent?: SentValue;
};

/** An item's deletion: its stamp, and the last value of another node, in whatever field, that was deleted with it. */
export type Ended = { at: Timestamp; over: Timestamp | null };

/** By field name. */
export type Stamps = Readonly<Record<string, FieldStamp>>;

export const NO_STAMPS: Stamps = {};

type Encoded = {
	/** The stamp of all fields whose value is a plain digest, and what its writer had seen. */
	t?: Timestamp;
	o?: Timestamp | null;
	/** By field: a digest, or stamp and digest, or these and what the writer had seen. */
	f: Record<string, Digest | [Timestamp, Digest] | [Timestamp, Digest, Timestamp | null]>;
	/** Of a deleted item: its deletion. */
	e?: [Timestamp, Timestamp | null];
	/** The deleted items that had this key. */
	b?: readonly Birth[];
	/** By field: the value as it came, where it could not be kept so. */
	s?: Record<string, SentValue>;
};

/**
 * @param ended the deletion of an item that is gone, and so has no stamps; null or left out when it is not known
 * @param buried the deleted items that had its key, see counted-key.ts
 */
export function encodeStamps(stamps: Stamps, ended: Ended | null = null, buried: readonly Birth[] = []): string {
	const common = commonest(Object.values(stamps));
	const f: Encoded['f'] = {};
	const s: Record<string, SentValue> = {};

	for (const [field, stamp] of Object.entries(stamps)) {
		const { at, over, digest, sent } = stamp;
		if (common !== null && isOneWrite(stamp, common)) f[field] = digest;
		else f[field] = over === undefined ? [at, digest] : [at, digest, over];
		if (sent) s[field] = sent;
	}

	const before = buried.length > 0 ? { b: buried } : {};
	if (common === null) return JSON.stringify({ f, ...(ended && { e: [ended.at, ended.over] }), ...before });
	const asSent = Object.keys(s).length > 0 ? { s } : {};
	return JSON.stringify({
		t: common.at,
		...(common.over !== undefined && { o: common.over }),
		f,
		...asSent,
		...before,
	});
}

export function decodeEnded(text: string): Ended | null {
	const { e } = JSON.parse(text) as Partial<Encoded>;
	return e ? { at: e[0], over: e[1] } : null;
}

/** Undefined when there are none, as nearly always. */
export function decodeBuried(text: string): readonly Birth[] | undefined {
	return text.includes('"b":[') ? (JSON.parse(text) as Partial<Encoded>).b : undefined;
}

/** Reads what encodeStamps wrote; it is our own table, so the shape is trusted. */
export function decodeStamps(text: string): Stamps {
	const { t, o, f = {}, s = {} } = JSON.parse(text) as Partial<Encoded>;
	const stamps: Record<string, FieldStamp> = {};

	for (const [field, encoded] of Object.entries(f)) {
		const [at, digest, over] = Array.isArray(encoded) ? encoded : [t, encoded, o];
		if (at === undefined) continue;
		const sent = Object.hasOwn(s, field) ? s[field] : undefined;
		stamps[field] = { at, digest, ...(over !== undefined && { over }), ...(sent && { sent }) };
	}

	return stamps;
}

type Write = Seen & { at: Timestamp };

const isOneWrite = (a: Write, b: Write): boolean => a.at === b.at && a.over === b.over;

function commonest(writes: Write[]): Write | null {
	const counts = new Map<string, number>();
	let best: { write: Write; count: number } | null = null;

	for (const write of writes) {
		const name = `${write.at} ${write.over}`;
		const count = (counts.get(name) ?? 0) + 1;
		counts.set(name, count);
		if (best === null || count > best.count) best = { write, count };
	}

	return best?.write ?? null;
}
