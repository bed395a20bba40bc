/** The options of the operation "Sync to remotes": what to send, and to whom. */
import * as v from 'valibot';

export const WHAT = ['trigger', 'selected', 'all'] as const;

const text = v.pipe(v.string(), v.trim(), v.minLength(1));
const key = v.pipe(v.union([v.string(), v.number()]), v.transform(String), v.minLength(1), v.maxLength(255));

/** A list of keys, or the text of one: JSON, or separated by commas, as data chains deliver it. */
const keys = v.pipe(
	v.union([v.array(v.union([key, v.array(key)])), v.string()]),
	// A tag that is a template, such as {{ $trigger.keys }}, arrives as a list within the list.
	v.transform((value) => (typeof value === 'string' ? splitKeys(value) : value.flat())),
	v.array(key),
	v.minLength(1, 'names no item'),
);

const schema = v.variant('what', [
	v.object({ what: v.literal('trigger'), sources: sourcesSchema() }),
	v.object({
		what: v.literal('selected'),
		collection: v.pipe(text, v.maxLength(64)),
		items: keys,
		sources: sourcesSchema(),
	}),
	v.object({ what: v.literal('all'), collection: v.pipe(text, v.maxLength(64)), sources: sourcesSchema() }),
]);

export type Options = v.InferOutput<typeof schema>;

/** Reads the options; an error is one sentence for whoever built the Flow. */
export function parseOptions(input: unknown): { ok: true; options: Options } | { ok: false; error: string } {
	const { which, sources, ...rest } = (input ?? {}) as Record<string, unknown>;
	const parsed = v.safeParse(schema, { what: 'trigger', ...rest, sources: which === 'some' ? (sources ?? []) : null });
	if (parsed.success) return { ok: true, options: parsed.output };
	const issue = parsed.issues[0];
	return {
		ok: false,
		error: `Sync to remotes: "${v.getDotPath(issue) ?? 'what'}" ${issue.message}. Open the operation in the Flow and correct it.`,
	};
}

/** Ids of sources, or null for all published ones. The Studio's picker gives objects that hold the id as key. */
function sourcesSchema() {
	const id = v.union([
		text,
		v.pipe(
			v.object({ key: text }),
			v.transform((picked) => picked.key),
		),
	]);
	return v.nullable(v.pipe(v.array(id), v.minLength(1, 'must name at least one source')));
}

function splitKeys(value: string): unknown[] {
	try {
		const parsed: unknown = JSON.parse(value);
		if (Array.isArray(parsed)) return parsed;
	} catch {
		// No JSON: a plain list.
	}
	return value
		.split(',')
		.map((each) => each.trim())
		.filter(Boolean);
}
