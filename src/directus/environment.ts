/**
 * The environment variables we read, parsed once. Directus has cast them by its own rules (a boolean may come as
 * `true` or 'true', a list as an array or as text), and an admin may have mistyped one: that is a log line and the
 * default, never a reason not to start.
 */
import type { ApiExtensionContext } from '@directus/types';
import bytes from 'bytes';
import * as v from 'valibot';

/** Where Directus' own default is in the way of nothing, ours is the same. */
const DEFAULT_MAX_PAYLOAD_SIZE = 1024 ** 2;
const DEFAULT_IP_DENY_LIST = ['0.0.0.0', '169.254.169.254'];

const DEFAULT_LOCATIONS = ['local'];
const ANY_TYPE = ['*/*'];
const DEFAULT_TOMBSTONE_DAYS = 90;
const MAX_TOMBSTONE_DAYS = 36_500;

const YES = ['true', '1', 'yes', 'on'];
const NO = ['false', '0', 'no', 'off', ''];

const flag = v.pipe(
	v.union([v.boolean(), v.number(), v.string()]),
	v.transform((value) => String(value).trim().toLowerCase()),
	v.picklist([...YES, ...NO], 'must be true or false'),
	v.transform((value) => YES.includes(value)),
);

/**
 * Read as Directus reads it, by the same package: '1mb' is 1024 kB, a bare number counts bytes. That package takes any text
 * that begins with a digit, '1m' for one byte; nobody means that, so it counts as mistyped.
 */
const byteSize = v.pipe(
	v.union([v.number(), v.string()]),
	v.transform((value) => String(value).trim()),
	v.regex(/^\d+(\.\d+)? *([kmgtp]?b)?$/i, 'must be a size such as 1mb'),
	v.transform((text) => bytes.parse(text) ?? 0),
	v.minValue(1, 'must be more than nothing'),
);

const list = v.pipe(
	v.union([v.array(v.string()), v.string()]),
	v.transform((value) => (typeof value === 'string' ? value.split(',') : value)),
	v.transform((values) => values.map((value) => value.trim()).filter((value) => value !== '')),
);

/** Parts of a day are for tests. */
const days = v.pipe(
	v.union([v.number(), v.string()]),
	v.transform((value) => (String(value).trim() === '' ? Number.NaN : Number(value))),
	v.number('must be a number of days'),
	v.minValue(0, 'must not be negative'),
	v.maxValue(MAX_TOMBSTONE_DAYS, `must be at most ${MAX_TOMBSTONE_DAYS}`),
);

/** '/' is Directus' own default and says nothing about who we are. */
const address = v.pipe(
	v.string(),
	v.trim(),
	v.transform((value) => (value === '' || value === '/' ? null : value)),
);

export type Environment = {
	/** Setup must not touch the database: one of the two switches is set. */
	schemaChangesDisabled: boolean;
	/** PUBLIC_URL as configured; null when it is not. */
	publicUrl: string | null;
	/** The largest JSON body this instance accepts, in bytes. */
	maxPayloadSize: number;
	/** Addresses, ranges (a-b) and subnets (a/n); '0.0.0.0' stands for this machine's own addresses. */
	ipDenyList: readonly string[];
	files: FileSettings;
	/** For how many days deletions are remembered at least. */
	tombstoneDays: number;
};

/** Reads the environment that Directus hands to an extension. Never throws: what can't be read is logged and defaulted. */
export function readEnvironment({ env, logger }: Pick<ApiExtensionContext, 'env' | 'logger'>): Environment {
	const read = <T>(name: string, schema: v.GenericSchema<unknown, T>, fallback: T): T => {
		const value: unknown = env[name];
		if (value === undefined || value === null) return fallback;
		const parsed = v.safeParse(schema, value);
		if (parsed.success) return parsed.output;

		const asDefault = JSON.stringify(fallback);
		logger.error(`Data Sync: ${name} can't be read (${parsed.issues[0].message}); it counts as ${asDefault}`);
		return fallback;
	};

	return {
		schemaChangesDisabled:
			read('DATA_SYNC_DISABLE_SCHEMA_CHANGE', flag, false) || read('DISABLE_EXTENSION_SCHEMA_CHANGE', flag, false),
		publicUrl: read('PUBLIC_URL', address, null),
		maxPayloadSize: read('MAX_PAYLOAD_SIZE', byteSize, DEFAULT_MAX_PAYLOAD_SIZE),
		tombstoneDays: read('DATA_SYNC_TOMBSTONE_DAYS', days, DEFAULT_TOMBSTONE_DAYS),
		ipDenyList: read('IMPORT_IP_DENY_LIST', list, DEFAULT_IP_DENY_LIST),
		files: {
			location: read('STORAGE_LOCATIONS', list, DEFAULT_LOCATIONS)[0] ?? 'local',
			maxFileSize: read<number | null>('FILES_MAX_UPLOAD_SIZE', byteSize, null),
			mimeTypes: read('FILES_MIME_TYPE_ALLOW_LIST', list, ANY_TYPE),
		},
	};
}

export type FileSettings = {
	/** The storage location of new files. */
	location: string;
	/** FILES_MAX_UPLOAD_SIZE in bytes; null when there is none. */
	maxFileSize: number | null;
	/** FILES_MIME_TYPE_ALLOW_LIST: patterns such as image/*. */
	mimeTypes: readonly string[];
};
