/** Users of the programming interface, each with a token and what they are permitted. */
import { randomUUID } from 'node:crypto';
import type { Item } from './api.ts';
import type { Action } from './data-sync.ts';
import type { Instance } from './instance.ts';

export type Permissions = Record<string, Action[]>;

/** Creates a user with a policy of their own; gives their id and token. */
export async function createUser(
	instance: Instance,
	name: string,
	permissions: Permissions,
): Promise<{ id: string; token: string }> {
	const policy = await instance.data<Item>('POST', '/policies', { name });
	const granted = Object.entries(permissions).flatMap(([collection, actions]) =>
		actions.map((action) => ({ policy: policy.id, collection, action, fields: ['*'] })),
	);
	if (granted.length > 0) await instance.data('POST', '/permissions', granted);
	const token = `${name}-${randomUUID()}`;
	const user = await instance.data<Item>('POST', '/users', { first_name: name, token, status: 'active' });
	await instance.data('POST', '/access', { user: user.id, policy: policy.id });
	return { id: user.id as string, token };
}
