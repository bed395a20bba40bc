/**
 * Sends changes, and the bytes of those files that the remote asks for. A file's change is sent first, without bytes: the
 * remote answers that it wants them only if it would take the item and does not have them.
 */

import type { FilesPort } from '../files/port.ts';
import type { Change } from '../replication/change.ts';
import { CONTENT, readContent } from '../replication/file-content.ts';
import type { Source } from '../sources/port.ts';
import type { ChangeResult } from '../wire/result.ts';

/** One result per change. */
type Send<T> = (sent: T[]) => Promise<ChangeResult[]>;

/** One result per change, none of them still asking for bytes. Rejects as `send` does; a failed upload is its item's result. */
export async function exchange<T extends { change: Change }>(
	files: FilesPort,
	source: Source,
	sent: T[],
	send: Send<T>,
): Promise<ChangeResult[]> {
	const results = await send(sent);
	const again: number[] = [];

	for (const [index, { change }] of sent.entries()) {
		if (!isAskedFor(results[index])) continue;
		const failure = await upload(files, source, change);
		if (failure) results[index] = failure;
		else again.push(index);
	}

	if (again.length === 0) return results;
	// What waited for these files need not wait for the next attempt.
	for (const [index, { code }] of results.entries()) if (code === 'missing_parent') again.push(index);
	again.sort((a, b) => a - b);
	const second = await send(again.flatMap((index) => sent[index] ?? []));
	for (const [place, index] of again.entries()) results[index] = settled(second[place] ?? { outcome: 'pending' });
	return results;
}

async function upload(files: FilesPort, source: Source, { item, fields }: Change): Promise<ChangeResult | null> {
	const content = readContent(fields[CONTENT]?.value);
	if (!content)
		return {
			outcome: 'failed',
			code: 'internal',
			message: `The remote asks for bytes of ${item} that it was not told of.`,
		};
	return files.upload(source, item, content);
}

const isAskedFor = (result: ChangeResult | undefined): boolean =>
	result?.outcome === 'wanted' && result.code === 'missing_file';

/** The remote may have lost the bytes again, or somebody has replaced them there. */
const settled = (result: ChangeResult): ChangeResult =>
	isAskedFor(result)
		? {
				outcome: 'pending',
				code: 'missing_file',
				message: 'The bytes of the file were sent, but the remote does not have them any more. They are sent again.',
			}
		: result;
