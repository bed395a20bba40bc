/** Which columns of `directus_files` are what: an instance's own affair, facts of the bytes, or content like any other. */

import { CONTENT } from '../../replication/file-content.ts';
import type { FieldShape } from '../port.ts';

/** Where the bytes are and who brought them. Whatever else there is, fields that users have added included, is content. */
export const OWN_FILE_COLUMNS: readonly string[] = [
	'storage',
	'filename_disk',
	'filesize',
	'uploaded_by',
	'uploaded_on',
	'modified_by',
	'modified_on',
	'created_on',
	'tus_id',
	'tus_data',
];
/** They travel within the content, so that they always are those of the bytes. */
const FACTS = ['type', 'width', 'height', 'duration'];

/** The syncable fields of `directus_files`, of all its columns. */
export function toFileFields(columns: ReadonlyMap<string, FieldShape>): Map<string, FieldShape> {
	const fields = new Map([...columns].filter(([name]) => !OWN_FILE_COLUMNS.includes(name) && !FACTS.includes(name)));
	return fields.set(CONTENT, { type: 'json' });
}
