import { describe, expect, it } from 'vitest';
import { adminRoles } from '../../src/directus/notify.ts';

describe('adminRoles', () => {
	it('finds roles that inherit an admin policy, however deep and in whatever order they come', () => {
		const roles = [
			{ id: 'grandchild', parent: 'child' },
			{ id: 'child', parent: 'top' },
			{ id: 'top', parent: null },
			{ id: 'editor', parent: null },
		];
		expect(adminRoles([{ user: null, role: 'top' }], roles).sort()).toEqual(['child', 'grandchild', 'top']);
	});

	it('ends on roles that stand in a ring', () => {
		const ring = [
			{ id: 'a', parent: 'b' },
			{ id: 'b', parent: 'a' },
		];
		expect(adminRoles([{ user: null, role: 'a' }], ring).sort()).toEqual(['a', 'b']);
	});

	it('finds none where only users hold the policy themselves', () => {
		expect(adminRoles([{ user: 'me', role: null }], [{ id: 'editor', parent: null }])).toEqual([]);
	});
});
