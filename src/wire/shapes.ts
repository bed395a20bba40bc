/**
 * The wire codec of `POST /data-sync/shapes`, protocol version 1: how the asked collections look on the node that
 * answers. Lists instead of records by name, so that no name of a field means anything to JavaScript.
 */
import * as v from 'valibot';
import { BATCH_LIMITS, PROTOCOL } from './batch.ts';

export const PERMISSION_ACTIONS = ['create', 'update', 'delete'] as const;
export type PermissionAction = (typeof PERMISSION_ACTIONS)[number];

/** Most collections of one request; `required` is how many unasked fields of a collection are named. */
export const SHAPES_LIMITS = { collections: 25, required: 50 } as const;

const name = (limit: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(limit));
const size = v.nullable(v.pipe(v.number(), v.minValue(0)));

export const shapesRequestSchema = v.strictObject({
	protocol: v.literal(PROTOCOL, `must be ${PROTOCOL}: both instances need the same major version of Data Sync`),
	collections: v.pipe(
		v.array(
			v.strictObject({
				collection: name(BATCH_LIMITS.collection),
				fields: v.pipe(v.array(name(BATCH_LIMITS.field)), v.maxLength(BATCH_LIMITS.fields)),
			}),
		),
		v.minLength(1),
		v.maxLength(SHAPES_LIMITS.collections),
	),
});

const fieldSchema = v.object({
	field: name(BATCH_LIMITS.field),
	/** Directus' type; `alias` for what has no column. */
	type: v.pipe(v.string(), v.maxLength(64)),
	nullable: v.boolean(),
	/** Computed by the database: nobody can write it. */
	generated: v.boolean(),
	/** Encrypted or concealed. */
	secret: v.boolean(),
	/** Most characters of a text. */
	length: size,
	precision: size,
	scale: size,
});

const shapeSchema = v.object({
	collection: name(BATCH_LIMITS.collection),
	/** False when a plan limit has switched the collection off. */
	active: v.boolean(),
	singleton: v.boolean(),
	/** `counted`: the node counts its keys up by itself. */
	key: v.object({ field: v.string(), type: v.pipe(v.string(), v.maxLength(64)), counted: v.boolean(), length: size }),
	/** Those of the asked fields that exist. */
	fields: v.pipe(v.array(fieldSchema), v.maxLength(BATCH_LIMITS.fields)),
	/** Other fields, without which no item can be created. */
	required: v.pipe(v.array(name(BATCH_LIMITS.field)), v.maxLength(SHAPES_LIMITS.required)),
	/** Actions for which the Data Sync user has a permission that the plan makes Directus ignore. */
	ignored: v.pipe(v.array(v.picklist(PERMISSION_ACTIONS)), v.maxLength(PERMISSION_ACTIONS.length)),
});

export const shapesAnswerSchema = v.object({
	data: v.object({
		/** Those of the asked collections that exist and in which the asker has a permission. */
		shapes: v.pipe(v.array(shapeSchema), v.maxLength(SHAPES_LIMITS.collections)),
	}),
});

export type ShapeRequest = v.InferOutput<typeof shapesRequestSchema>['collections'][number];
export type NodeShape = v.InferOutput<typeof shapeSchema>;
export type NodeField = v.InferOutput<typeof fieldSchema>;
