import type { ApiExtensionContext } from '@directus/types';
import { describe, expect, it, vi } from 'vitest';
import { readEnvironment } from '../../src/directus/environment.ts';

function read(env: Record<string, unknown>) {
	const error = vi.fn<(message: string) => void>();
	const logger = { error } as unknown as ApiExtensionContext['logger'];
	return { environment: readEnvironment({ env, logger }), errors: error.mock.calls.map(([message]) => message) };
}

describe('readEnvironment', () => {
	it('has a value for everything when nothing is set', () => {
		expect(read({})).toEqual({
			environment: {
				files: { location: 'local', maxFileSize: null, mimeTypes: ['*/*'] },
				schemaChangesDisabled: false,
				publicUrl: null,
				maxPayloadSize: 1_048_576,
				ipDenyList: ['0.0.0.0', '169.254.169.254'],
				tombstoneDays: 90,
			},
			errors: [],
		});
	});

	it.each([true, 'true', 'TRUE', 1, '1', 'yes'])('takes %j for a switch that is set', (value) => {
		expect(read({ DATA_SYNC_DISABLE_SCHEMA_CHANGE: value }).environment.schemaChangesDisabled).toBe(true);
		expect(read({ DISABLE_EXTENSION_SCHEMA_CHANGE: value }).environment.schemaChangesDisabled).toBe(true);
	});

	it.each([false, 'false', 0, '', null, undefined])('takes %j for one that is not', (value) => {
		expect(read({ DATA_SYNC_DISABLE_SCHEMA_CHANGE: value })).toMatchObject({
			environment: { schemaChangesDisabled: false },
			errors: [],
		});
	});

	it.each([
		['1mb', 1_048_576],
		['1.5mb', 1_572_864],
		['2 GB', 2_147_483_648],
		['512kb', 524_288],
		['100', 100],
		[2_000, 2_000],
	])('reads the payload limit %j as %i bytes, as the body parser of Directus does', (value, bytes) => {
		expect(read({ MAX_PAYLOAD_SIZE: value }).environment.maxPayloadSize).toBe(bytes);
	});

	it.each(['lots', '1m', '', -1, {}, [], 0])(
		'says that the payload limit %j is no size, and takes the default',
		(value) => {
			const { environment, errors } = read({ MAX_PAYLOAD_SIZE: value });
			expect(environment.maxPayloadSize).toBe(1_048_576);
			expect(errors).toEqual([expect.stringContaining('MAX_PAYLOAD_SIZE')]);
		},
	);

	it.each([
		[30, 30],
		['30', 30],
		[' 0.5 ', 0.5],
		[0, 0],
	])('remembers deletions for %j days', (value, days) => {
		expect(read({ DATA_SYNC_TOMBSTONE_DAYS: value })).toMatchObject({
			environment: { tombstoneDays: days },
			errors: [],
		});
	});

	it.each(['', 'long', '90d', -1, 1e9, 'Infinity', 'NaN', {}, [], true])(
		'says that %j is no number of days, and takes the default',
		(value) => {
			const { environment, errors } = read({ DATA_SYNC_TOMBSTONE_DAYS: value });
			expect(environment.tombstoneDays).toBe(90);
			expect(errors).toEqual([expect.stringContaining('DATA_SYNC_TOMBSTONE_DAYS')]);
		},
	);

	it('reads a deny list as array or text', () => {
		const list = ['10.0.0.0/8', '192.168.0.1-192.168.0.9'];
		expect(read({ IMPORT_IP_DENY_LIST: list }).environment.ipDenyList).toEqual(list);
		expect(read({ IMPORT_IP_DENY_LIST: ` ${list.join(' , ')}, ` }).environment.ipDenyList).toEqual(list);
		expect(read({ IMPORT_IP_DENY_LIST: [] }).environment.ipDenyList).toEqual([]);
	});

	it.each([
		['https://cms.example.com', 'https://cms.example.com'],
		['/', null],
		['', null],
	])('reads PUBLIC_URL %j as %j', (value, url) => {
		expect(read({ PUBLIC_URL: value }).environment.publicUrl).toBe(url);
	});
});
