import { afterAll, beforeAll } from 'vitest';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { describeKillPoints } from './kill-points.ts';

let postgres: Postgres;
beforeAll(async () => {
	postgres = await startPostgres();
});
afterAll(() => postgres.stop());

describeKillPoints('killed, from PostgreSQL to SQLite', async () => [{ postgres }, 'sqlite']);
