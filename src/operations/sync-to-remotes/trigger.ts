/** Reads which items triggered the Flow from its `$trigger`: an item event, a manual run, or a call with keys. */
import * as v from 'valibot';

const key = v.pipe(v.union([v.string(), v.number()]), v.transform(String));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(64));

const event = v.object({
	event: v.pipe(v.string(), v.regex(/(^|\.)(items|files|folders)\.(create|update|delete|upload)$|^files\.upload$/)),
	collection: name,
	key: v.optional(key),
	keys: v.optional(v.array(key)),
});

const manual = v.object({
	body: v.object({ collection: name, keys: v.optional(v.nullable(v.array(key))) }),
});

const call = v.object({ collection: name, key: v.optional(key), keys: v.optional(v.array(key)) });

export type Trigger =
	/** Items were written. */
	| { kind: 'event'; collection: string; items: string[]; created: boolean; updated: boolean }
	/** Somebody ran the Flow on a collection, on these items or on none in particular. */
	| { kind: 'manual'; collection: string; items: string[] }
	/** Nothing that names items: a schedule, a webhook. */
	| { kind: 'none' };

export function readTrigger(trigger: unknown): Trigger {
	const asEvent = v.safeParse(event, trigger);

	if (asEvent.success) {
		const { collection, key: one, keys, event: name } = asEvent.output;
		const items = keys ?? (one === undefined ? [] : [one]);
		return {
			kind: 'event',
			collection,
			items,
			created: /\.(create|upload)$/.test(name),
			updated: name.endsWith('.update'),
		};
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
