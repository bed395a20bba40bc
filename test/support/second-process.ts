/** A second Directus process on an instance's database, as behind a load balancer: same folder, secret and public URL, another port. */
import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { ADMIN } from './admin.ts';
import { type Api, createApi } from './api.ts';
import { endChild } from './children.ts';
import type { Instance } from './instance.ts';
import { freePort } from './ports.ts';
import { startServer } from './server.ts';
import { waitFor } from './wait-for.ts';

export type SecondProcess = Api & {
	readonly running: boolean;
	/** Starts it (again); resolves when its extension answers. */
	start: () => Promise<void>;
	/** Ends it as a power cut would (SIGKILL) and waits for the end. */
	kill: () => Promise<void>;
};

/** Starts it. It shares nothing with the first but the database and the folder: no Redis. */
export async function startSecondProcess(instance: Instance): Promise<SecondProcess> {
	const port = await freePort();
	const logFile = `${instance.logFile}.second`;
	await writeFile(logFile, '');
	let child: ChildProcess | undefined;
	const client = createApi(() => `http://127.0.0.1:${port}`, ADMIN.token);

	const start = async (): Promise<void> => {
		child = await startServer(instance.directory, { ...instance.env, PORT: String(port) }, logFile);
		await waitFor(
			'the extension in the second process',
			async () => (await client.api('GET', '/data-sync/info')).status === 200,
			{ timeoutMs: 60_000 },
		);
	};

	await start();
	return {
		...client,
		get running() {
			return child !== undefined && child.exitCode === null && child.signalCode === null;
		},
		start,
		kill: async () => {
			if (child) await endChild(child, 'SIGKILL');
			child = undefined;
		},
	};
}
