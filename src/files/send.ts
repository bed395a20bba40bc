/** Sends a file's bytes to a remote as a stream: never more of it in memory than is on its way. */
import { Readable } from 'node:stream';
import type { ApiExtensionContext } from '@directus/types';
import type { PutStream } from '../wire/directus/network.ts';
import { clean } from '../wire/directus/to-remote-error.ts';
import { joinUrl } from '../wire/remote-url.ts';
import type { ChangeResult } from '../wire/result.ts';
import { findAsset } from './assets.ts';
import type { FilesPort } from './port.ts';

type Context = Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database'>;

/** For so long a storage may hold back the next bytes, in milliseconds. */
const IDLE = 60_000;

export function createFiles(context: Context, put: PutStream): FilesPort {
	return {
		upload: async (source, file, { hash, size }) => {
			const asset = await findAsset(context, await context.getSchema(), context.database, file).catch(() => null);
			if (asset?.size !== size) return waiting(`The bytes of the file ${file} can't be read at this moment.`);
			const stream = await asset.open();

			try {
				const path = `/data-sync/files/${encodeURIComponent(file)}?sha256=${hash}`;
				const { status, text } = await put(
					joinUrl(source.url, path),
					{
						authorization: `Bearer ${source.apiKey}`,
						// A JSON file must not be taken for a JSON body.
						'content-type': 'application/octet-stream',
						'content-length': String(size),
					},
					Readable.from(paced(stream), { objectMode: false }),
				);
				const said = await text().catch(() => '');
				return status >= 200 && status < 300 ? null : toResult(status, clean(messageOf(said), source), file);
			} catch (error) {
				return waiting(`The bytes of the file ${file} did not reach the remote whole (${reasonOf(error)}).`);
			} finally {
				stream.destroy();
			}
		},
	};
}

/** Ends a stream that its storage keeps waiting; one that the remote keeps waiting has the connection's deadline. */
async function* paced(stream: Readable): AsyncGenerator<Buffer> {
	const late = (): NodeJS.Timeout =>
		setTimeout(() => stream.destroy(new Error('the storage does not go on')), IDLE).unref();
	let timer = late();

	try {
		for await (const chunk of stream) {
			clearTimeout(timer);
			yield chunk as Buffer;
			timer = late();
		}
	} finally {
		clearTimeout(timer);
	}
}

function toResult(status: number, said: string, file: string): ChangeResult {
	if (status === 413) {
		const message = `The file ${file} is larger than the remote, or a proxy before it, takes. Raise the limit there, then resync.`;
		return { outcome: 'failed', code: 'too_large', message };
	}

	return waiting(`The remote did not take the bytes of the file ${file} (HTTP ${status})${said ? `: ${said}` : ''}.`);
}

const waiting = (message: string): ChangeResult => ({
	outcome: 'pending',
	code: 'missing_file',
	message: `${message} It is tried again by itself.`,
});

function messageOf(body: string): unknown {
	try {
		return (JSON.parse(body) as { errors?: { message?: unknown }[] }).errors?.[0]?.message;
	} catch {
		return null;
	}
}

function reasonOf(error: unknown): string {
	const { cause, message, code } = (error ?? {}) as { cause?: unknown; message?: unknown; code?: unknown };
	if (typeof code === 'string') return code;
	return cause === undefined ? String(message ?? error) : reasonOf(cause);
}
