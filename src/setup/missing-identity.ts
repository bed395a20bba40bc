/**
 * Whom other instances write as: a user with a policy of its own. Telling our writes from everyone else's
 * by their user is what keeps a change from being sent back.
 */
import type { ApiExtensionContext } from '@directus/types';
import { ACCESS, ACCESS_ID, POLICY, POLICY_ID, USER, USER_ID } from '../../schema.ts';
import type { Missing } from './missing.ts';

/** The policy, the user and what joins them, where missing. */
export async function missingIdentity(context: ApiExtensionContext): Promise<Missing[]> {
	const options = { knex: context.database, schema: await context.getSchema() };
	const policies = new context.services.PoliciesService(options);
	const users = new context.services.UsersService(options);
	const access = new context.services.AccessService(options);
	const missing: Missing[] = [];

	const byId = (id: string) => ({ filter: { id: { _eq: id } }, fields: ['id'], limit: 1 });
	// An admin may have taken the policy from the user and given it back: then the row has another id.
	const joined = { _and: [{ user: { _eq: USER_ID } }, { policy: { _eq: POLICY_ID } }] };

	if ((await policies.readByQuery(byId(POLICY_ID))).length === 0)
		missing.push({ name: `policy "${POLICY.name}"`, create: async () => created(policies.createOne({ ...POLICY })) });

	if ((await users.readByQuery(byId(USER_ID))).length === 0)
		missing.push({
			name: `user "${USER.first_name} ${USER.last_name}"`,
			create: async () => created(users.createOne({ ...USER })),
		});

	// Once both are there, an admin has taken the policy from the user, and that is how it stays.
	if (missing.length === 0) return [];
	const anyAccess = { filter: { _or: [{ id: { _eq: ACCESS_ID } }, joined] }, fields: ['id'], limit: 1 };
	if ((await access.readByQuery(anyAccess)).length === 0)
		missing.push({
			name: 'the policy of the Data Sync user',
			create: async () => created(access.createOne({ ...ACCESS })),
		});

	return missing;
}

async function created(creation: Promise<unknown>): Promise<undefined> {
	await creation;
}
