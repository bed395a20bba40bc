/**
 * Who pushes: the users who hold the policy "Data Sync", by themselves or by their role. What they write comes from other
 * nodes, so it is told apart by its user from what is edited here. Held in memory, because every write that is captured asks;
 * what we hold is read again when this process changes access, and after some seconds for the sake of others.
 */
import type { Knex } from 'knex';
import { POLICY_ID, USER_ID } from '../../schema.ts';

const LASTS = 5_000;

type Held = { holders: ReadonlySet<string>; pushers: ReadonlySet<string>; readAt: number };

let held: Held = { holders: new Set([USER_ID]), pushers: new Set([USER_ID]), readAt: Number.NEGATIVE_INFINITY };

/** Whether the user holds the policy, as far as is known; whoever has admin access as well may not push. */
export const holdsPolicy = (user: string | null | undefined): boolean => held.holders.has(user ?? '');

/** Whether the user pushes, as far as is known: what they write is no edit of this instance. */
export const isPusher = (user: string | null | undefined): boolean => held.pushers.has(user ?? '');

export const knownPushers = (): string[] => [...held.pushers];

let reading: Promise<void> | null = null;

/** Makes what is known of the policy's holders no older than some seconds. Never to be awaited inside a transaction. */
export async function refreshPushers(knex: Knex): Promise<void> {
	if (held.readAt + LASTS > Date.now()) return;
	reading ??= read(knex).finally(() => {
		reading = null;
	});
	await reading;
}

async function read(knex: Knex): Promise<void> {
	const readAt = Date.now();
	const holders = await usersBy(knex, (access) => access.where({ policy: POLICY_ID }));
	const admins = await usersBy(knex, (access) =>
		access.whereIn('policy', knex('directus_policies').select('id').where({ admin_access: true })),
	);
	const pushers = [...holders].filter((user) => !admins.has(user));
	// The user of the install is who they are whatever an admin has done with the policy.
	held = { holders: new Set([...holders, USER_ID]), pushers: new Set([...pushers, USER_ID]), readAt };
}

/** To be called when users, roles, policies or what joins them change. Never rejects. */
export async function rereadPushers(knex: Knex): Promise<void> {
	await reading?.catch(() => undefined);
	held = { ...held, readAt: Number.NEGATIVE_INFINITY };
	await refreshPushers(knex).catch(() => undefined);
}

type Access = { user: string | null; role: string | null };

/** Users to whom the chosen rows of `directus_access` apply. */
async function usersBy(knex: Knex, choose: (access: Knex.QueryBuilder) => Knex.QueryBuilder): Promise<Set<string>> {
	const rows: Access[] = await choose(knex('directus_access').select('user', 'role'));
	const users = new Set(rows.flatMap(({ user }) => user ?? []));
	const roles = await withChildren(
		knex,
		rows.flatMap(({ role }) => role ?? []),
	);
	if (roles.length === 0) return users;
	const found: { id: string }[] = await knex('directus_users').select('id').whereIn('role', roles);
	for (const { id } of found) users.add(id);
	return users;
}

/** A role has the policies of the roles above it. */
async function withChildren(knex: Knex, roles: string[]): Promise<string[]> {
	const all = new Set(roles);
	for (let parents = roles; parents.length > 0; ) {
		const rows: { id: string }[] = await knex('directus_roles').select('id').whereIn('parent', parents);
		parents = rows.map(({ id }) => id).filter((id) => !all.has(id));
		for (const id of parents) all.add(id);
	}
	return [...all];
}
