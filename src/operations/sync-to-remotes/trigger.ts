/** Reads which items triggered the Flow from its `$trigger`: an item event, a manual run, or a call with keys. */
import * as v from 'valibot';

const key = v.pipe(v.union([v.string(), v.number()]), v.transform(String));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(64));

/** Whatever Directus or another extension calls an event: it never means the whole collection, as a call without keys does. */
const event = v.object({
	event: v.string(),
	collection: name,
	key: v.optional(key),
	keys: v.optional(v.array(key)),
	/** Sorting and promoting a version name the item so. */
	item: v.optional(v.nullable(key)),
});

const manual = v.object({
	body: v.object({ collection: name, keys: v.optional(v.nullable(v.array(key))) }),
});

const call = v.object({ collection: name, key: v.optional(key), keys: v.optional(v.array(key)) });

export type Trigger =
	/** Items were written. */
	| { kind: 'event'; collection: string; items: string[] }
	/** Somebody ran the Flow on a collection, on these items or on none in particular. */
	| { kind: 'manual'; collection: string; items: string[] }
	/** Nothing that names items: a schedule, a webhook. */
	| { kind: 'none' };

export function readTrigger(trigger: unknown): Trigger {
	const asEvent = v.safeParse(event, trigger);

	if (asEvent.success) {
		const { collection, key, keys, item } = asEvent.output;
		const one = key ?? item ?? null;
		return { kind: 'event', collection, items: keys ?? (one === null ? [] : [one]) };
	}

	const asManual = v.safeParse(manual, trigger);
	if (asManual.success) {
		const { collection, keys } = asManual.output.body;
		return { kind: 'manual', collection, items: keys ?? [] };
	}

	const asCall = v.safeParse(call, trigger);
	if (asCall.success) {
		const { collection, key: one, keys } = asCall.output;
		return { kind: 'manual', collection, items: keys ?? (one === undefined ? [] : [one]) };
	}

	return { kind: 'none' };
}
