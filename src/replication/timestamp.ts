/**
 * Hybrid logical clock values (Kulkarni et al., "Logical Physical Clocks", 2014) as fixed-width text:
 * `mmmmmmmmmmmm-cccc-nnnnnnnnnnnnpppp`, all lower-case hexadecimal: 48 bits of milliseconds since 1970, a 16 bit
 * counter, 48 bits of node id and 16 bits that tell the node's processes apart. The width is fixed so that
 * the order of the text is the order of time, in JavaScript and in every database.
 */
export type Timestamp = string & { readonly __brand: 'Timestamp' };

/** A node's id: 12 hexadecimal digits. */
export type NodeId = string & { readonly __brand: 'NodeId' };

export type TimestampParts = {
	/** Milliseconds since 1970-01-01 UTC. */
	millis: number;
	/** 0 to 65535, counts the values within one millisecond. */
	counter: number;
	/** Node id and process tag, 16 hexadecimal digits. */
	writer: string;
};

export const MAX_COUNTER = 0xffff;
export const MAX_MILLIS = 2 ** 48 - 1;

/**
 * Before every stamp: of values that nobody has written in the item's present life, like the default of a field that
 * its creator did not tell us. They are known so that a later edit is seen, and never sent.
 */
export const UNWRITTEN = '000000000000-0000-0000000000000000' as Timestamp;

const SHAPE = /^[0-9a-f]{12}-[0-9a-f]{4}-[0-9a-f]{16}$/;
const NODE_SHAPE = /^[0-9a-f]{12}$/;

export function createTimestamp({ millis, counter, writer }: TimestampParts): Timestamp {
	return `${hex(millis, 12)}-${hex(counter, 4)}-${writer}` as Timestamp;
}

export function parseTimestamp(timestamp: Timestamp): TimestampParts {
	return {
		millis: Number.parseInt(timestamp.slice(0, 12), 16),
		counter: Number.parseInt(timestamp.slice(13, 17), 16),
		writer: timestamp.slice(18),
	};
}

export function isTimestamp(value: unknown): value is Timestamp {
	return typeof value === 'string' && SHAPE.test(value);
}

export function isNodeId(value: unknown): value is NodeId {
	return typeof value === 'string' && NODE_SHAPE.test(value);
}

/** The node that wrote the value. */
export function timestampToNode(timestamp: Timestamp): NodeId {
	return timestamp.slice(18, 30) as NodeId;
}

export function timestampToMillis(timestamp: Timestamp): number {
	return parseTimestamp(timestamp).millis;
}

export function maxTimestamp<T extends Timestamp | null>(a: T, b: T): T {
	if (a === null) return b;
	if (b === null) return a;
	return a > b ? a : b;
}

function hex(value: number, width: number): string {
	return value.toString(16).padStart(width, '0');
}
