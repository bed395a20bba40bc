/**
 * Permissions that are there and do not count: without a plan that has custom rules, Directus leaves out every permission
 * with a rule or a choice of fields. It shows them to nobody, so the admin who gave one sees only that nothing works.
 */
import type { Accountability, ApiExtensionContext, Filter, Permission } from '@directus/types';
import { PERMISSION_ACTIONS, type PermissionAction } from '../../wire/shapes.ts';
import type { Ignored } from './read-shapes.ts';

type Context = Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database'>;
type Row = Pick<Permission, 'id' | 'collection' | 'action'>;

/** Of the policies of this user and its roles, in these collections. */
export async function readIgnored(
	{ services, getSchema, database }: Context,
	{ user, roles }: Accountability,
	collections: string[],
): Promise<Ignored> {
	const options = { knex: database, schema: await getSchema(), accountability: null };
	const who: Filter = { _or: [{ user: { _eq: user } }, { role: { _in: roles } }] };
	const access = await new services.AccessService(options).readByQuery({ filter: who, fields: ['policy'], limit: -1 });
	const policies = access.flatMap((row) => (row.policy as string | null) ?? []);
	if (policies.length === 0) return new Map();

	const filter: Filter = {
		_and: [
			{ policy: { _in: policies } },
			{ collection: { _in: collections } },
			{ action: { _in: [...PERMISSION_ACTIONS] } },
		],
	};
	const query = () => ({ filter, fields: ['id', 'collection', 'action'], limit: -1 });
	const all = (await new services.ItemsService('directus_permissions', options).readByQuery(query())) as Row[];
	const counting = (await new services.PermissionsService(options).readByQuery(query())) as Row[];
	const ids = new Set(counting.map(({ id }) => id));

	const ignored = new Map<string, PermissionAction[]>();
	for (const { id, collection, action } of all) {
		if (ids.has(id)) continue;
		const actions = ignored.get(collection) ?? [];
		ignored.set(collection, [...new Set([...actions, action as PermissionAction])]);
	}
	return ignored;
}
