import { describe, expect, it } from 'vitest';
import { createContacts } from '../../src/engine/contacts.ts';
import { nodeId } from '../support/memory/node.ts';

const NOW = 1_767_225_600_000;

describe('contacts', () => {
	it('remembers of each node when it last contacted us', () => {
		const contacts = createContacts();
		contacts.heard(nodeId(1), NOW, false);
		contacts.heard(nodeId(2), NOW + 5, false);
		contacts.heard(nodeId(1), NOW + 10, false);
		expect([1, 2, 3].map((number) => contacts.heardAt(nodeId(number)))).toEqual([NOW + 10, NOW + 5, null]);
		expect(contacts.heardAt(null)).toBe(null);
	});

	it('asks to look once a second at most for each node, unless it has come to compare memories', () => {
		const contacts = createContacts();
		const heard = (delay: number, compares = false, number = 1) =>
			contacts.heard(nodeId(number), NOW + delay, compares);
		expect([heard(0), heard(1), heard(999)]).toEqual([true, false, false]);
		expect(heard(999, false, 2)).toBe(true);
		expect(heard(1000)).toBe(true);
		expect(heard(1500, true)).toBe(true);
		expect([heard(2499), heard(2500)]).toEqual([false, true]);
	});
});
