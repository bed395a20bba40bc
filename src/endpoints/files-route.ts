/** `PUT /data-sync/files/:id?sha256=…`: the bytes of a file that an answer to a batch has asked for. */
import { ContentTooLargeError, InvalidPayloadError } from '@directus/errors';
import type { ApiExtensionContext } from '@directus/types';
import type { RequestHandler } from 'express';
import * as v from 'valibot';
import type { IncomingFile } from '../files/receive.ts';
import { hashSchema } from '../replication/file-content.ts';
import { authoriseReceiver, running } from './authorise.ts';
import { NotAskedForError } from './route-errors.ts';

const requestSchema = v.object({
	id: v.pipe(v.string(), v.uuid('must be the id of a file')),
	sha256: hashSchema,
	'content-length': v.pipe(
		v.string('must be told'),
		v.regex(/^\d{1,15}$/, 'must be a number of bytes'),
		v.transform(Number),
	),
});

export const filesRoute =
	({ database, logger }: ApiExtensionContext): RequestHandler =>
	async (request, response, next) => {
		try {
			await authoriseReceiver({ database }, request);
			const { files, environment } = running();
			const incoming = parseRequest({
				id: request.params.id,
				sha256: request.query.sha256,
				'content-length': request.headers['content-length'],
			});
			const { maxFileSize } = environment.files;
			if (maxFileSize !== null && incoming.size > maxFileSize) throw new ContentTooLargeError();
			const receipt = await files.receive(incoming, request);
			if (receipt === 'unwanted') throw new NotAskedForError();
			if (receipt === 'wrong')
				throw new InvalidPayloadError({ reason: 'body: these are not the bytes of that SHA-256' });
			response.json({ data: { sha256: incoming.hash, size: incoming.size } });
		} catch (error) {
			logger.debug(error, 'Data Sync: the bytes of a file were not taken');
			next(error);
		}
	};

function parseRequest(given: unknown): IncomingFile {
	const parsed = v.safeParse(requestSchema, given);

	if (!parsed.success) {
		const issue = parsed.issues[0];
		throw new InvalidPayloadError({ reason: `${v.getDotPath(issue) ?? 'request'}: ${issue.message}` });
	}

	const { id, sha256, 'content-length': size } = parsed.output;
	return { file: id.toLowerCase(), hash: sha256, size };
}
