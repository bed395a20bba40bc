/** Users as references need them: who exists, and under which e-mail address. */
import type { Knex } from 'knex';
import { chunks } from '../../replication/paging.ts';
import type { KnownUsers } from '../port.ts';
import { isUuid } from './to-shape.ts';

const USERS = 'directus_users';

type UserRow = { id: string; email: string | null };

/** E-mail addresses by user id. */
export async function readEmails(knex: Knex, ids: string[]): Promise<Map<string, string>> {
	const rows = await inChunks(ids.filter(isUuid), (part) => knex(USERS).select('id', 'email').whereIn('id', part));
	return new Map(rows.flatMap(({ id, email }) => (email ? [[id, email] as const] : [])));
}

/** @param emails in lower case, as Directus compares them */
export async function findUsers(knex: Knex, ids: string[], emails: string[]): Promise<KnownUsers> {
	const byId = await inChunks(ids.filter(isUuid), (part) => knex(USERS).select('id', 'email').whereIn('id', part));
	const byEmail = await inChunks(emails, (part) =>
		knex(USERS)
			.select('id', 'email')
			.whereIn(knex.raw('lower(??)', ['email']) as unknown as string, part),
	);
	return {
		ids: new Set(byId.map(({ id }) => id)),
		byEmail: new Map(byEmail.map(({ id, email }) => [String(email).toLowerCase(), id])),
	};
}

async function inChunks(keys: string[], read: (part: string[]) => PromiseLike<UserRow[]>): Promise<UserRow[]> {
	const rows: UserRow[] = [];
	for (const part of chunks(keys)) rows.push(...(await read(part)));
	return rows;
}
