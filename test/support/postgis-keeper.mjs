/**
 * A process that keeps one PostgreSQL with PostGIS: both compiled to WebAssembly, so that npm alone brings them to any
 * machine. That PostgreSQL has one session only, which is lent to one connection at a time; see `lend`.
 */
import { createServer } from 'node:net';
import process from 'node:process';
import { PGlite } from '@electric-sql/pglite';
import { postgis } from '@electric-sql/pglite-postgis';
import { createSession } from './postgis-session.mjs';

const { dataFolder, port } = JSON.parse(process.argv[2] ?? '{}');

// Ctrl-C reaches the whole process group; the parent decides when the database goes.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

let database;
process.once('disconnect', async () => {
	await database?.close();
	process.exit(0);
});

try {
	database = await PGlite.create({ dataDir: dataFolder, extensions: { postgis } });
	const session = createSession(database);
	const server = createServer((socket) => session.serve(socket));
	await new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, '127.0.0.1', resolve);
	});
	process.send?.({ ready: true });
} catch (error) {
	process.send?.({ error: String(error) });
}
