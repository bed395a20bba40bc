/**
 * Directus' schema, without the copy of the whole of it that each `getSchema` makes: some milliseconds, at every step of
 * every push. What we hold is dropped when this process changes the schema, and after a second for the sake of others.
 */
import type { ApiExtensionContext, SchemaOverview } from '@directus/types';
import { readableSchema } from './readable-schema.ts';

const LASTS = 1_000;

let latest: SchemaOverview | null = null;
let held: { schema: Promise<SchemaOverview>; until: number } | null = null;

/** The same context; its `getSchema` shares one copy, which nobody may change. */
export function withSchemaMemo(context: ApiExtensionContext): ApiExtensionContext {
	return {
		...context,
		getSchema: () => {
			if (held === null || held.until < Date.now()) {
				const schema = context.getSchema().then((read) => readableSchema(context.database, read));
				schema.then((read) => {
					latest = read;
				}, forgetSchema);
				held = { schema, until: Date.now() + LASTS };
			}
			return held.schema;
		},
	};
}

/** To be called when collections, fields or relations change. */
export function forgetSchema(): void {
	held = null;
}

/** The schema as it was read last, for those who can't wait; null before the first time. */
export const latestSchema = (): SchemaOverview | null => latest;
