/** What files this instance takes, and where it puts them: as Directus does with its own uploads. */
import { minimatch } from 'minimatch';
import type { FileSettings } from '../directus/environment.ts';
import type { Content } from '../replication/file-content.ts';
import { Refusal } from '../wire/refusal.ts';

/** Bytes that nobody has given a type count as this, as with Directus. */
export const UNKNOWN_TYPE = 'application/octet-stream';

/** Throws a Refusal that says which limit is in the way. */
export function checkLimits(file: string, { size, type }: Content, { maxFileSize, mimeTypes }: FileSettings): void {
	if (maxFileSize !== null && size > maxFileSize) {
		throw new Refusal(
			'failed',
			'too_large',
			`The file ${file} has ${size} bytes; the remote takes ${maxFileSize} at most. Raise FILES_MAX_UPLOAD_SIZE there, then resync.`,
		);
	}

	if (!mimeTypes.some((pattern) => minimatch(type ?? UNKNOWN_TYPE, pattern))) {
		throw new Refusal(
			'failed',
			'invalid_value',
			`The file ${file} is of the type ${type ?? UNKNOWN_TYPE}, which the remote does not take. Add it to FILES_MIME_TYPE_ALLOW_LIST there, then resync.`,
		);
	}
}
