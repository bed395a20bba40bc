/**
 * A file's bytes as a value: the field `$content` of `directus_files`, which no table has. Its digest stands for the
 * bytes, so they are stamped, merged and compared as any other field is; the bytes themselves travel by themselves.
 */
import * as v from 'valibot';
import type { Json } from './digest.ts';

export const FILES = 'directus_files';
/** Directus allows no field of that name, so none can collide with it. */
export const CONTENT = '$content';

/** 64 hexadecimal digits: the SHA-256 of the bytes. */
export const hashSchema = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hexadecimal'));

const count = (limit: number) => v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limit)));

/** What the bytes are. The facts travel with the hash, so that a merge never joins one file's bytes with another's type. */
const contentSchema = v.strictObject({
	hash: hashSchema,
	/** In bytes. */
	size: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER)),
	/** The MIME type. */
	type: v.nullable(v.pipe(v.string(), v.maxLength(255))),
	/** Of an image, in pixels. */
	width: count(2 ** 31 - 1),
	height: count(2 ** 31 - 1),
	/** Of a recording, in milliseconds. */
	duration: count(2 ** 31 - 1),
});

export type Content = v.InferOutput<typeof contentSchema>;

/** Null for a file that has no bytes. Undefined when it is no such value. */
export function readContent(value: Json | undefined): Content | null | undefined {
	if (value === null) return null;
	const parsed = v.safeParse(contentSchema, value);
	return parsed.success ? parsed.output : undefined;
}
