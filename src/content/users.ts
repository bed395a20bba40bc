/**
 * References to users. Accounts are not synced, so the same person has another id on each node, or none: a reference
 * travels with the e-mail address beside the id, and the receiver looks for the one, then for the other. A user it does not
 * know leaves the field empty there; the stamp is still the origin's, and others are told the origin's value.
 */

import type { Change, FieldWrite } from '../replication/change.ts';
import type { CollectionShape, ItemsPort, KnownUsers, UsersPort } from './port.ts';

/** The changes with the e-mail address of each user that a listed field refers to. */
export async function withEmails<Key>(
	{ items }: { items: Pick<ItemsPort, 'emails'> },
	shape: CollectionShape,
	changes: Map<Key, Change>,
): Promise<Map<Key, Change>> {
	const fields = userFields(shape);
	if (fields.length === 0) return changes;
	const writes = [...changes.values()].flatMap((change) => fields.flatMap((field) => change.fields[field] ?? []));
	// What came from elsewhere and is only passed on brought the address along.
	const ids = writes.filter(isUser).map(({ value }) => value);
	if (ids.length === 0) return changes;
	const emails = await items.emails([...new Set(ids)]);

	const add = (write: FieldWrite): FieldWrite => {
		const email = isUser(write) && write.email === undefined ? emails.get(write.value) : undefined;
		return email === undefined ? write : { ...write, email };
	};
	return new Map([...changes].map(([key, change]) => [key, mapFields(change, fields, add)]));
}

/** The changes with ids of this node's users in place of the sender's; null for users that it does not know. */
export async function resolveUsers(
	transaction: UsersPort,
	shape: CollectionShape,
	changes: Change[],
): Promise<Change[]> {
	const fields = userFields(shape);
	const writes = changes.flatMap((change) => fields.flatMap((field) => change.fields[field] ?? [])).filter(isUser);
	if (writes.length === 0) return changes;
	const known = await transaction.users(
		[...new Set(writes.map(({ value }) => value.toLowerCase()))],
		[...new Set(writes.flatMap(({ email }) => email?.toLowerCase() ?? []))],
	);
	return changes.map((change) => mapFields(change, fields, (write) => ({ ...write, value: resolve(write, known) })));
}

function resolve(write: FieldWrite, { ids, byEmail }: KnownUsers): string | null {
	if (!isUser(write)) return null;
	const id = write.value.toLowerCase();
	return ids.has(id) ? id : (byEmail.get(write.email?.toLowerCase() ?? '') ?? null);
}

const isUser = (write: FieldWrite): write is FieldWrite & { value: string } =>
	typeof write.value === 'string' && write.value !== '';

const userFields = (shape: CollectionShape): string[] =>
	[...shape.fields].filter(([, { user }]) => user === true).map(([field]) => field);

function mapFields(change: Change, fields: string[], map: (write: FieldWrite) => FieldWrite): Change {
	const mapped: Record<string, FieldWrite> = { ...change.fields };

	for (const field of fields) {
		const write = change.fields[field];
		if (write) mapped[field] = map(write);
	}

	return { ...change, fields: mapped };
}
