import { createError } from '@directus/errors';
import { describe, expect, it } from 'vitest';
import { toRefusal } from '../../../src/content/directus/to-refusal.ts';
import { Refusal } from '../../../src/wire/refusal.ts';

const WRITE = { collection: 'pages', item: 'a', kind: 'update', values: {} } as const;

describe('a refusal', () => {
	it('tells all the rules that an item breaks, which come as a list', () => {
		const Broken = createError<string>('FAILED_VALIDATION', (field) => `Validation failed for field "${field}".`);
		const broken = ['title', 'slug'].map((field) => new Broken(field));
		const refusal = toRefusal(broken, WRITE);
		expect(refusal).toBeInstanceOf(Refusal);
		expect(refusal).toMatchObject({ outcome: 'failed', code: 'invalid_value' });
		expect((refusal as Refusal).message).toMatch(/pages a .*"title".*"slug".*Change the item/);
	});

	it('is what an extension of the remote means by an error of its own', () => {
		const refusal = toRefusal(new Error('Not on Sundays'), WRITE);
		expect(refusal).toMatchObject({ outcome: 'failed', code: 'internal' });
		expect((refusal as Refusal).message).toMatch(/pages a .*error of an extension/);
	});

	it('does not tell the sender what an extension has said, and keeps it for the log', () => {
		const error = new Error('connect to 10.0.0.7 as root failed');
		const refusal = toRefusal(error, WRITE) as Refusal;
		expect(refusal.message).not.toContain('10.0.0.7');
		expect(refusal.cause).toBe(error);
	});

	it('is what JavaScript throws at a value, and what PostgreSQL can not keep of it', () => {
		const tooLarge = Object.assign(new Error('index row size 4000 exceeds maximum 2704'), { code: '54000' });
		const faults = [new RangeError('Invalid time value'), new TypeError('It is no key'), tooLarge];
		for (const fault of faults) {
			const refusal = toRefusal(fault, WRITE);
			expect(refusal).toBeInstanceOf(Refusal);
			expect(refusal).toMatchObject({ outcome: 'failed', code: 'invalid_value' });
		}
	});

	it('is not what concerns the database or the connection', () => {
		const lost = Object.assign(new Error('insert into pages ...'), { code: '08006' });
		const busy = new Error('Transaction failed after 4 attempts', { cause: lost });
		class KnexTimeoutError extends Error {}
		const timeout = new KnexTimeoutError('No connection');
		for (const error of [lost, busy, timeout, [], null]) expect(toRefusal(error, WRITE)).toBe(error);
	});

	it('is what PostGIS means by an internal error of its own', () => {
		const bad = Object.assign(new Error('parse error - invalid geometry'), { code: 'XX000', file: 'lwgeom_pg.c' });
		expect(toRefusal(bad, WRITE)).toMatchObject({ outcome: 'failed', code: 'invalid_value' });
		const broken = Object.assign(new Error('cache lookup failed'), { code: 'XX000', file: 'lsyscache.c' });
		expect(toRefusal(broken, WRITE)).toBe(broken);
	});

	it('keeps the words of Directus for what it does not know', () => {
		const Unheard = createError('UNHEARD', 'Unheard of.');
		expect(toRefusal(new Unheard(), WRITE)).toMatchObject({
			code: 'internal',
			message: expect.stringContaining('Unheard of.'),
		});
	});
});
