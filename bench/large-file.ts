/**
 * npm run bench:file [MB]: what a large file costs in memory at the sender and the receiver, from before it is hashed until it
 * has arrived, and how long that takes. Both are real Directus; the file is 300 MB unless told otherwise.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { allow, connect, setStatus } from '../test/support/data-sync.ts';
import { assetHash, upload } from '../test/support/files.ts';
import { type Instance, startInstance } from '../test/support/instance.ts';
import { waitFor } from '../test/support/wait-for.ts';

const MB = 1_000_000;
const LIMIT = 50;
const size = Number(process.argv[2] ?? 300) * MB;

const instances = await Promise.all([startInstance({ name: 'sender' }), startInstance({ name: 'receiver' })]);
const [sender, receiver] = instances;

try {
	await allow(receiver, ['directus_files']);
	const source = await connect(sender, receiver, [{ collection: 'directus_files', fields: ['title'] }]);
	// Whatever the first file loads counts as idle.
	const small = await upload(sender, randomBytes(MB), { name: 'small.bin', type: 'application/octet-stream' });
	await waitFor('the small file', async () => (await assetHash(receiver, small.id as string)) !== null);
	await setStatus(sender, source, 'draft');
	const { id, hash } = await placeFile(sender);

	const idle = await Promise.all(instances.map(rss));
	const peak = [...idle];
	const start = performance.now();
	await sender.updateItem('data_sync_remote_sources', source, { status: 'published' });
	await sender.updateItem('directus_files', id, { title: 'Large' });
	await waitFor(
		'the large file',
		async () => {
			const now = await Promise.all(instances.map(rss));
			for (const [index, value] of now.entries()) peak[index] = Math.max(peak[index] ?? 0, value);
			return (await receiver.readItem('directus_files', id)) !== null;
		},
		{ timeoutMs: 600_000, intervalMs: 20 },
	);
	const seconds = (performance.now() - start) / 1000;
	const arrived = await readFile(join(receiver.directory, 'uploads', await diskName(receiver, id)));
	const isWhole = createHash('sha256').update(arrived).digest('hex') === hash;
	const growth = instances.map((_, index) => ((peak[index] ?? 0) - (idle[index] ?? 0)) / MB);

	console.log(`${size / MB} MB in ${seconds.toFixed(1)} s, ${isWhole ? 'equal' : 'NOT EQUAL'} at the end`);
	for (const [index, { name }] of instances.entries()) {
		console.log(`${name}: ${((idle[index] ?? 0) / MB).toFixed(0)} MB idle, + ${growth[index]?.toFixed(1)} MB at most`);
	}
	process.exitCode = isWhole && growth.every((each) => each < LIMIT) ? 0 : 1;
} finally {
	await Promise.all(instances.map((instance) => instance.destroy()));
}

/** A file of that size as if uploaded long ago: uploading it now would itself grow the sender. */
async function placeFile(instance: Instance): Promise<{ id: string; hash: string }> {
	const file = await upload(instance, Buffer.from('x'), { name: 'large.bin', type: 'application/octet-stream' });
	const id = file.id as string;
	const bytes = randomBytes(size);
	await writeFile(join(instance.directory, 'uploads', await diskName(instance, id)), bytes);
	const before = new Date(Date.now() - 60_000).toISOString();
	await instance.sql('update directus_files set filesize = ?, uploaded_on = ? where id = ?', [size, before, id]);
	return { id, hash: createHash('sha256').update(bytes).digest('hex') };
}

async function diskName(instance: Instance, id: string): Promise<string> {
	const [row] = await instance.sql<{ filename_disk: string }>('select filename_disk from directus_files where id = ?', [
		id,
	]);
	return row?.filename_disk ?? '';
}

/** Resident memory of the instance's process, in bytes. */
async function rss({ pid }: Instance): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, 'utf8');
	return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}
