/** Files of this instance, for the endpoint: whose bytes are wanted, and their receipt. */

import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import type { ApiExtensionContext } from '@directus/types';
import type { FileSettings } from '../directus/environment.ts';
import { CONTENT, FILES, readContent } from '../replication/file-content.ts';
import type { Batch } from '../wire/batch.ts';
import type { ChangeResult } from '../wire/result.ts';
import { want } from './objects.ts';
import { type IncomingFile, type Receipt, receiveFile } from './receive.ts';

type Context = Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database'>;

export type FilesReceiver = {
	/** Reads the bytes of the files that a batch is about, so that apply's transaction need not. */
	prepare(batch: Batch): Promise<void>;
	/** Notes the files whose bytes the results ask for. */
	expect(batch: Batch, results: ChangeResult[]): Promise<void>;
	receive(incoming: IncomingFile, stream: Readable): Promise<Receipt>;
};

/** @param readContents reads the content of these files and remembers it, so that it is read once */
export function createFilesReceiver(
	context: Context,
	settings: FileSettings,
	readContents: (files: string[]) => Promise<void>,
): FilesReceiver {
	return {
		prepare: async ({ changes }) => {
			const files = changes.filter(({ collection, fields }) => collection === FILES && fields[CONTENT]);
			if (files.length > 0) await readContents(files.map(({ item }) => item));
		},
		expect: async ({ changes }, results) => {
			for (const [index, { item, fields }] of changes.entries()) {
				const content = results[index]?.code === 'missing_file' ? readContent(fields[CONTENT]?.value) : null;
				if (content && results[index]?.outcome === 'wanted') {
					await want(context.database, item, content, extensionOf(fields.filename_download?.value));
				}
			}
		},
		receive: (incoming, stream) => receiveFile(context, settings, incoming, stream),
	};
}

/** With its dot; null when there is none that any storage takes. */
function extensionOf(name: unknown): string | null {
	const extension = typeof name === 'string' ? extname(name) : '';
	return /^\.[A-Za-z0-9]{1,16}$/.test(extension) ? extension : null;
}
