/**
 * The field `$content` of files, read from their rows and their bytes. Bytes are read once: their hash is remembered by
 * where they are, how many, and when they were uploaded, of which Directus changes at least one with every upload.
 */
import type { ApiExtensionContext, SchemaOverview } from '@directus/types';
import type { Knex } from 'knex';
import { type Content, FILES } from '../replication/file-content.ts';
import { type Asset, findAsset, hashOf } from './assets.ts';
import { findUsed, type ObjectRow, type Place, rememberUsed } from './objects.ts';

type Services = Pick<ApiExtensionContext, 'services'>;

type FileRow = {
	id: string;
	storage: string;
	filename_disk: string | null;
	filesize: number | string | null;
	type: string | null;
	width: number | null;
	height: number | null;
	duration: number | null;
	uploaded_on: string | null;
	modified_on: string | null;
	created_on: string | null;
	tus_id: string | null;
};

const COLUMNS = [
	'id',
	'storage',
	'filename_disk',
	'filesize',
	'type',
	'width',
	'height',
	'duration',
	'uploaded_on',
	'modified_on',
	'created_on',
	'tus_id',
];
/** For so long bytes that are not (all) there count as arriving. Then the file is taken as it is. Milliseconds. */
const PATIENCE = 24 * 60 * 60 * 1000;
/** Larger ones are hashed in the background, so that nobody waits for them. Bytes. */
const AT_ONCE = 8 * 1024 * 1024;

/** The contents by file; null of a file without bytes. Files whose content can't be told yet are left out. */
export async function readContents(
	context: Services,
	schema: SchemaOverview,
	knex: Knex,
	files: string[],
): Promise<Map<string, Content | null>> {
	const contents = new Map<string, Content | null>();
	const rows = await readRows(context, schema, knex, files);
	const used = new Map((await findUsed(knex, files)).map((object) => [object.file, object]));

	for (const row of rows) {
		const known = asKnown(row, used.get(row.id));
		const content = known === null ? await measure(context, schema, knex, row) : toContent(row, known);
		if (content !== undefined) contents.set(row.id, content);
	}

	return contents;
}

/** Remembers the hash of bytes that a file's row has just been pointed to. */
export async function rememberHash(
	context: Services,
	schema: SchemaOverview,
	knex: Knex,
	file: string,
	hash: string,
): Promise<void> {
	const [row] = await readRows(context, schema, knex, [file]);
	const known = { hash, size: Number(row?.filesize) };
	if (row && hasPlace(row)) await remember(knex, row, known);
}

/** @returns undefined when it can't be told yet */
async function measure(
	context: Services,
	schema: SchemaOverview,
	knex: Knex,
	row: FileRow,
): Promise<Content | null | undefined> {
	if (row.tus_id !== null) return undefined;
	const missing = isYoung(row) ? undefined : null;
	if (!hasPlace(row)) return missing;
	// A storage that does not answer is no reason to believe that the bytes are gone.
	const asset = await findAsset(context, schema, knex, row.id).catch(() => undefined);
	if (!asset) return asset === null ? missing : undefined;
	if (asset.size !== Number(row.filesize) && isYoung(row)) return undefined;

	if (asset.size > AT_ONCE && hasher !== null) {
		hasher(row.id);
		return undefined;
	}

	const measured = await measureAsset(asset).catch(() => undefined);
	if (measured) await remember(knex, row, measured);
	return measured && toContent(row, measured);
}

type Measured = { hash: string; size: number };

const measureAsset = async ({ size, open }: Asset): Promise<Measured> => ({ hash: await hashOf(await open()), size });

const remember = (knex: Knex, row: FileRow & Place, measured: Measured): Promise<void> =>
	rememberUsed(knex, row.id, row, { ...measured, version: versionOf(row) });

/** Hashes a large file in the background; null until somebody can. */
let hasher: ((file: string) => void) | null = null;

type HashingContext = Services & Pick<ApiExtensionContext, 'database' | 'getSchema'>;

/** From now on large files are hashed in the background, one at a time. `onHashed` is called after each that can be. */
export function startHashing(context: HashingContext, onHashed: () => void): void {
	const waiting = new Set<string>();
	let queue: Promise<void> = Promise.resolve();

	const hash = async (file: string): Promise<void> => {
		const { database } = context;
		const schema = await context.getSchema();
		const [row] = await readRows(context, schema, database, [file]);
		const asset = row && (await findAsset(context, schema, database, file));
		if (!asset || !hasPlace(row)) return;
		await remember(database, row, await measureAsset(asset));
		onHashed();
	};

	hasher = (file) => {
		if (waiting.has(file)) return;
		waiting.add(file);
		queue = queue
			.then(() => hash(file))
			// It is asked for again with the next look at the file.
			.catch(() => undefined)
			.then(() => void waiting.delete(file));
	};
}

async function readRows(
	{ services }: Services,
	schema: SchemaOverview,
	knex: Knex,
	files: string[],
): Promise<FileRow[]> {
	if (files.length === 0) return [];
	const service = new services.ItemsService(FILES, { knex, schema, accountability: null });
	return (await service.readMany(files, { fields: COLUMNS, limit: -1 }, { emitEvents: false })) as FileRow[];
}

function asKnown(row: FileRow, object: ObjectRow | undefined): Measured | null {
	if (!object?.hash || row.tus_id !== null) return null;
	const isSame = object.storage === row.storage && object.filename_disk === row.filename_disk;
	return isSame && object.version === versionOf(row) ? { hash: object.hash, size: Number(object.size) } : null;
}

const versionOf = ({ filesize, uploaded_on }: FileRow): string => `${filesize} ${uploaded_on}`;

const hasPlace = (row: FileRow): row is FileRow & Place => row.filename_disk !== null;

function isYoung({ uploaded_on, modified_on, created_on }: FileRow): boolean {
	const latest = Math.max(...[uploaded_on, modified_on, created_on].map((date) => (date ? Date.parse(date) : 0)));
	return latest > Date.now() - PATIENCE;
}

const toContent = ({ type, width, height, duration }: FileRow, { hash, size }: Measured): Content => ({
	hash,
	size,
	type,
	width,
	height,
	duration,
});
