/**
 * The wire codec, protocol version 1: what `POST /data-sync/changes` takes and answers. Both sides check
 * every byte of it with these schemas before they believe it.
 *
 * A change's fields mostly share one stamp, so that stands once as `at`; `stamps` holds the exceptions. What the
 * writers had seen stands beside it in the same way: `over` goes with `at`, `overs` with `stamps`; both may be left out.
 * Of an item that is gone, `at` and `over` tell the deletion.
 */
import * as v from 'valibot';
import { CHANGE_MODES, type Change, type FieldWrite, ON_MISSING } from '../replication/change.ts';
import { MOST_BURIED } from '../replication/counted-key.ts';
import type { Json } from '../replication/digest.ts';
import { isAlive } from '../replication/life.ts';
import { DEEPEST, isTooDeep } from '../replication/nesting.ts';
import { isNodeId, isTimestamp, type NodeId, type Timestamp } from '../replication/timestamp.ts';
import { isTurn, type Link, type Turn } from '../replication/turns.ts';
import { clip } from './message.ts';
import { type ChangeResult, OUTCOMES, RESULT_CODES } from './result.ts';

export const PROTOCOL = 1;

/** Most changes one batch may hold, and the longest names, keys and paths. */
export const BATCH_LIMITS = {
	changes: 1000,
	fields: 500,
	collection: 64,
	field: 64,
	item: 255,
	/** Longer ones are cut when they are sent. */
	path: 100,
	/** And when they are received, up to these. */
	receivedPath: 1000,
	source: 64,
	turns: 64,
	email: 255,
} as const;

export const timestampSchema = v.custom<Timestamp>(isTimestamp, 'must be a timestamp of 34 characters');
export const nodeIdSchema = v.custom<NodeId>(isNodeId, 'must be a node id of 12 hexadecimal digits');

const jsonSchema = v.custom<Json>(
	(value) => value !== undefined && !isTooDeep(value),
	`must be a JSON value, nested at most ${DEEPEST} levels deep`,
);
const nameSchema = (limit: number) =>
	v.pipe(
		v.string(),
		v.minLength(1),
		v.maxLength(limit),
		// Databases are asked for these, and PostgreSQL fails at the question.
		v.check((name) => !name.includes('\u0000'), 'must not have the character U+0000'),
	);
/** Names that no field can travel under: a record leaves them out, and would do so without a word. */
export const RESERVED_NAMES: readonly string[] = ['__proto__', 'prototype', 'constructor'];
const fieldName = nameSchema(BATCH_LIMITS.field);
/** Refuses arrays, which a record would take for an object with numbered fields. */
const objectSchema = v.custom<object>((value) => !Array.isArray(value), 'must be an object');
const byField = <T extends v.GenericSchema>(value: T) =>
	v.pipe(
		objectSchema,
		v.check(
			(record) => RESERVED_NAMES.every((name) => !Object.hasOwn(Object(record), name)),
			`must not have a field named ${RESERVED_NAMES.join(', ')}`,
		),
		v.record(fieldName, value),
		v.maxEntries(BATCH_LIMITS.fields),
	);

const wireChange = v.pipe(
	v.strictObject({
		collection: nameSchema(BATCH_LIMITS.collection),
		item: nameSchema(BATCH_LIMITS.item),
		life: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 31 - 1)),
		born: v.optional(v.nullable(timestampSchema), null),
		buried: v.optional(v.pipe(v.array(v.nullable(timestampSchema)), v.maxLength(MOST_BURIED))),
		at: v.optional(timestampSchema),
		fields: v.optional(byField(jsonSchema), {}),
		stamps: v.optional(byField(timestampSchema), {}),
		over: v.optional(v.nullable(timestampSchema)),
		overs: v.optional(byField(v.nullable(timestampSchema)), {}),
		/** Of the users that fields refer to. */
		emails: v.optional(byField(nameSchema(BATCH_LIMITS.email)), {}),
		mode: v.optional(v.picklist(CHANGE_MODES), 'upsert'),
		onMissing: v.optional(byField(v.picklist(ON_MISSING))),
	}),
	v.check(
		({ at, fields, stamps }) => at !== undefined || Object.keys(fields).every((field) => Object.hasOwn(stamps, field)),
		'must give every field a stamp, by `at` or by `stamps`',
	),
);

const turnSchema = v.custom<Turn>(isTurn, 'must be a turn of 12 hexadecimal digits');

const linkSchema = v.strictObject({
	source: nameSchema(BATCH_LIMITS.source),
	turn: v.nullable(turnSchema),
	after: v.pipe(v.array(v.nullable(turnSchema)), v.maxLength(BATCH_LIMITS.turns)),
});

export const batchSchema = v.pipe(
	v.strictObject({
		protocol: v.literal(PROTOCOL, `must be ${PROTOCOL}: both instances need the same major version of Data Sync`),
		/** Who sends. */
		node: nodeIdSchema,
		/** The nodes that have these changes or are being sent them. */
		path: v.pipe(v.array(nodeIdSchema), v.maxLength(BATCH_LIMITS.receivedPath)),
		/** How far the sender thinks the receiver is; absent when it does not keep count. */
		link: v.optional(linkSchema),
		changes: v.pipe(v.array(wireChange), v.maxLength(BATCH_LIMITS.changes)),
	}),
	v.check(({ link, changes }) => changes.length > 0 || link !== undefined, 'must hold changes, or compare a link'),
);

export type WireBatch = v.InferInput<typeof batchSchema>;
export type WireChange = v.InferInput<typeof wireChange>;

export type Batch = { node: NodeId; path: NodeId[]; link: Link | null; changes: Change[] };

export const answerSchema = v.object({
	data: v.object({
		results: v.array(
			v.object({
				outcome: v.picklist(OUTCOMES),
				code: v.optional(v.picklist(RESULT_CODES)),
				/** Cut short rather than refused: what it quotes may be long, and the result counts. */
				message: v.optional(
					v.pipe(
						v.string(),
						v.transform((text) => clip(text)),
					),
				),
				superseded: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
				leftOut: v.optional(v.pipe(v.array(fieldName), v.maxLength(BATCH_LIMITS.fields))),
			}),
		),
	}),
});

/** The answer to a batch, within the limits of all versions. */
export const encodeAnswer = (results: ChangeResult[]): { data: { results: ChangeResult[] } } => ({
	data: {
		results: results.map((result) =>
			result.message === undefined ? result : { ...result, message: clip(result.message) },
		),
	},
});

export function encodeChange(change: Change): WireChange {
	const writes = Object.entries(change.fields);
	const { at, over } = writes[0]?.[1] ?? {};
	const fields: Record<string, Json> = {};
	const stamps: Record<string, Timestamp> = {};
	const overs: Record<string, Timestamp | null> = {};
	const emails: Record<string, string> = {};

	for (const [field, write] of writes) {
		fields[field] = write.value;
		if (write.email !== undefined) emails[field] = write.email;
		if (write.at === at && write.over === over) continue;
		stamps[field] = write.at;
		if (write.over !== undefined) overs[field] = write.over;
	}

	return {
		collection: change.collection,
		item: change.item,
		life: change.life,
		...(change.born !== null && { born: change.born }),
		...(change.buried?.length && { buried: [...change.buried] }),
		...(at !== undefined && { at, ...(over !== undefined && { over }), fields }),
		...(at === undefined && change.ended && { at: change.ended.at, over: change.ended.over }),
		...(Object.keys(stamps).length > 0 && { stamps }),
		...(Object.keys(overs).length > 0 && { overs }),
		...(Object.keys(emails).length > 0 && { emails }),
		...(change.mode !== 'upsert' && { mode: change.mode }),
		...(change.onMissing && { onMissing: { ...change.onMissing } }),
	};
}

export function encodeBatch({ node, path, link, changes }: Batch): WireBatch {
	const sent = link && { source: link.source, turn: link.turn, after: [...link.after] };
	return { protocol: PROTOCOL, node, path, ...(sent && { link: sent }), changes: changes.map(encodeChange) };
}

/** Turns a checked body into changes. */
export function decodeBatch(body: v.InferOutput<typeof batchSchema>): Batch {
	return { node: body.node, path: body.path, link: body.link ?? null, changes: body.changes.map(decodeChange) };
}

function decodeChange({ at, stamps, over, overs, fields, emails, ...rest }: v.InferOutput<typeof wireChange>): Change {
	const writes: Record<string, FieldWrite> = {};

	for (const [field, value] of Object.entries(fields)) {
		const [stamp, seen] = Object.hasOwn(stamps, field) ? [stamps[field], own(overs, field)] : [at, over];
		if (stamp === undefined) continue;
		const email = own(emails, field);
		const known = { ...(seen !== undefined && { over: seen }), ...(email !== undefined && { email }) };
		writes[field] = { at: stamp, value, ...known };
	}

	const hasEnded = !isAlive(rest.life) && at !== undefined && over !== undefined && Object.keys(writes).length === 0;
	return { ...rest, fields: writes, ...(hasEnded && { ended: { at, over } }) };
}

const own = <T>(record: Record<string, T>, field: string): T | undefined =>
	Object.hasOwn(record, field) ? record[field] : undefined;
