/** Takes the bytes of a file that apply has asked for, and stages them: they belong to no row yet. */
import { createHash, randomBytes } from 'node:crypto';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ApiExtensionContext } from '@directus/types';
import type { FileSettings } from '../directus/environment.ts';
import { findObject, noteStaged, noteWriting } from './objects.ts';
import { writeObject } from './storage.ts';

type Context = Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database'>;

export type IncomingFile = { file: string; hash: string; size: number };

/**
 * staged: they are here; unwanted: nobody has asked for bytes of that hash and size for that file; wrong: they were not
 * those bytes, or not all of them, and nothing of them is left.
 */
export type Receipt = 'staged' | 'unwanted' | 'wrong';

/** Rejects when the stream or the storage fails; nothing of the bytes is left then. */
export async function receiveFile(
	context: Context,
	{ location }: FileSettings,
	{ file, hash, size }: IncomingFile,
	stream: Readable,
): Promise<Receipt> {
	const { database } = context;
	const wanted = await findObject(database, file, hash, 'wanted');
	if (Number(wanted?.size ?? -1) !== size) return 'unwanted';
	if (await findObject(database, file, hash, 'staged')) return 'staged';

	const schema = await context.getSchema();
	// A name of its own for every upload: two at a time must not write, or clean up, one object. It starts with the file's
	// id as Directus' names do, since that is how it finds what belongs to a file.
	const name = `${file}-${randomBytes(4).toString('hex')}${wanted?.extension ?? ''}`;
	const place = { storage: location, filename_disk: name };
	await noteWriting(database, file, hash, place);
	const checked = checkBytes(hash, size);
	const arriving = pipeline(stream, checked);

	try {
		await Promise.all([arriving, writeObject(context, schema, database, place, wanted?.type ?? null, checked)]);
	} catch (error) {
		// Not every storage driver lets go of a stream that it can't write.
		checked.destroy();
		const cause = await arriving.then(() => error).catch((reason: unknown) => reason);
		if (cause instanceof WrongBytesError) return 'wrong';
		throw error;
	}

	await noteStaged(database, file, place);
	return 'staged';
}

class WrongBytesError extends Error {
	override name = 'WrongBytesError';
}

/** Passes bytes on, and fails when they turn out to be others, more or fewer than they should be. */
function checkBytes(hash: string, size: number): Transform {
	const digest = createHash('sha256');
	let seen = 0;

	return new Transform({
		transform(chunk: Buffer, _encoding, done) {
			seen += chunk.length;
			digest.update(chunk);
			if (seen > size) done(new WrongBytesError('more bytes than announced'));
			else done(null, chunk);
		},
		flush(done) {
			const isRight = seen === size && digest.digest('hex') === hash;
			done(isRight ? null : new WrongBytesError('other bytes than announced'));
		},
	});
}
