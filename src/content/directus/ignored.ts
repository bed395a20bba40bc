/**
 * Permissions that are there and do not count: without a plan that has custom rules, Directus leaves out every permission
 * with a rule or a choice of fields. It shows them to nobody, so the admin who gave one sees only that nothing works.
 */
import type { Accountability, ApiExtensionContext, Filter, Permission } from '@directus/types';
import { ipInNetworks } from '@directus/utils/node';
import { PERMISSION_ACTIONS, type PermissionAction } from '../../wire/shapes.ts';
import type { Ignored } from './read-shapes.ts';

type Context = Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database'>;
type Row = Pick<Permission, 'id' | 'collection' | 'action'>;

/**
 * Of the policies of this user and its roles that count at its address, in these collections. Those in which it has no
 * permission at all are left out.
 */
export async function readIgnored(
	{ services, getSchema, database }: Context,
	{ user, roles, ip }: Accountability,
	collections: string[],
): Promise<Ignored> {
	const options = { knex: database, schema: await getSchema(), accountability: null };
	// Without a role, what the public may do goes for the user as well.
	const asRole: Filter =
		roles.length > 0 ? { role: { _in: roles } } : { _and: [{ role: { _null: true } }, { user: { _null: true } }] };
	const who: Filter = { _or: [{ user: { _eq: user } }, asRole] };
	const fields = ['policy.id', 'policy.ip_access'];
	const access = await new services.AccessService(options).readByQuery({ filter: who, fields, limit: -1 });
	const policies = access.flatMap(({ policy }) => {
		const { id, ip_access: networks } = (policy ?? {}) as { id?: string; ip_access?: string[] | null };
		const counts = !networks || networks.length === 0 || (ip !== null && ipInNetworks(ip, networks));
		return id !== undefined && counts ? [id] : [];
	});
	if (policies.length === 0) return new Map();

	const filter: Filter = {
		_and: [{ policy: { _in: policies } }, { collection: { _in: collections } }],
	};
	const query = () => ({ filter, fields: ['id', 'collection', 'action'], limit: -1 });
	const all = (await new services.ItemsService('directus_permissions', options).readByQuery(query())) as Row[];
	const counting = (await new services.PermissionsService(options).readByQuery(query())) as Row[];
	const ids = new Set(counting.map(({ id }) => id));

	const ignored = new Map<string, PermissionAction[]>();
	for (const { id, collection, action } of all) {
		const actions = ignored.get(collection) ?? [];
		const isIgnored = !ids.has(id) && PERMISSION_ACTIONS.some((each) => each === action);
		ignored.set(collection, isIgnored ? [...new Set([...actions, action as PermissionAction])] : actions);
	}
	return ignored;
}
