/**
 * Things that take seconds to make and never change (a bootstrapped database, the packed extension) are made
 * once and kept in the temporary folder, under a key of everything they depend on. Made aside and renamed into
 * place, so that callers at the same moment, in one process or several, only ever see finished ones.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const CACHE = join(tmpdir(), `directus-data-sync-cache-${userInfo().username}`);
const KEPT_DAYS = 7;

const inProgress = new Map<string, Promise<string>>();

/** The folder `name` for these `inputs`, filled by `make` unless it is there already. */
export function cached(name: string, inputs: string[], make: (folder: string) => Promise<void>): Promise<string> {
	const path = join(CACHE, `${name}-${digest(inputs)}`);
	const known = inProgress.get(path);
	if (known) return known;

	const promise = makeOnce(path, name, make).catch((error: unknown) => {
		inProgress.delete(path);
		throw error;
	});
	inProgress.set(path, promise);
	return promise;
}

async function makeOnce(path: string, name: string, make: (folder: string) => Promise<void>): Promise<string> {
	if (existsSync(path)) return path;
	await mkdir(CACHE, { recursive: true });
	await removeOutdated(name);

	const draft = await mkdtemp(join(CACHE, 'draft-'));
	try {
		await make(draft);
		await rename(draft, path);
	} catch (error) {
		await rm(draft, { recursive: true, force: true });
		if (!existsSync(path)) throw error;
	}
	return path;
}

async function removeOutdated(name: string): Promise<void> {
	for (const entry of await readdir(CACHE)) {
		if (!entry.startsWith(`${name}-`) && !entry.startsWith('draft-')) continue;
		const path = join(CACHE, entry);
		const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
		if (age > KEPT_DAYS * 86_400_000) await rm(path, { recursive: true, force: true });
	}
}

function digest(inputs: string[]): string {
	return createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16);
}
