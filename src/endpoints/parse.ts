/** Bodies of requests, checked at the border. */
import { InvalidPayloadError } from '@directus/errors';
import * as v from 'valibot';

/** The body as the schema has it. Throws an InvalidPayloadError that names the field at fault, in a bounded text. */
export function parseBody<T extends v.GenericSchema>(schema: T, body: unknown): v.InferOutput<T> {
	const parsed = v.safeParse(schema, body);
	if (parsed.success) return parsed.output;
	const issue = parsed.issues[0];
	throw new InvalidPayloadError({ reason: `${v.getDotPath(issue) ?? 'body'}: ${issue.message}`.slice(0, 500) });
}
