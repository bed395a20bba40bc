import { describe, expect, it } from 'vitest';
import type { Notifier } from '../../../src/directus/notify.ts';
import { createSourceNotices } from '../../../src/push/directus/source-notices.ts';
import { source } from '../../support/memory/node.ts';

const EVIL = '[pay](https://evil.example)\n\n# now <b>';

describe('what the users of a source are told', () => {
	const told: { subject: string; message: string }[] = [];
	const notifier: Notifier = {
		notifyUsers: async (_users, subject, message) => {
			told.push({ subject, message });
		},
		notifyAdmins: async () => undefined,
	};
	const notices = createSourceNotices(notifier);
	const from = source('remote', { name: EVIL });

	it.each<[string, () => Promise<void>]>([
		['an outage', () => notices.outage(from, 0, EVIL)],
		['a recovery', () => notices.recovered(from, 0)],
		[
			'a refusal',
			() =>
				notices.refused(from, 1, {
					collection: EVIL,
					item: EVIL,
					status: 'failed',
					code: 'internal',
					message: EVIL,
					attempts: 1,
					nextAttemptAt: null,
				}),
		],
		[
			'a warning',
			() =>
				notices.leftOut(from, [
					{ code: 'reference_left_out', collection: EVIL, field: EVIL, to: EVIL, example: EVIL, since: 0, count: 1 },
				]),
		],
		['missed deletions', () => notices.incomplete(from, EVIL)],
	])('of %s quotes others as text', async (_title, tell) => {
		told.length = 0;
		await tell();
		const [{ subject = '', message = '' } = {}] = told;
		expect(message).toContain('\\[pay\\](https\\://evil.example) # now \\<b\\>');
		expect(message).not.toMatch(/(^|[^\\])\[pay|https:\/\/evil|\n# now|[^\\]<b/);
		expect(subject).not.toContain('\n');
	});
});
