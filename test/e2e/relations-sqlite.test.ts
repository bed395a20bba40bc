import { type Instance, startInstance } from '../support/instance.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { describeRelations } from './relations.ts';

const started: Instance[] = [];
let postgres: Postgres | undefined;

describeRelations('a content model from SQLite to PostgreSQL', {
	start: async () => {
		postgres = await startPostgres();
		const pair = await Promise.all([
			startInstance({ name: 'north' }),
			startInstance({ name: 'south', database: { postgres } }),
		]);
		started.push(...pair);
		return pair;
	},
	end: async () => {
		for (const instance of started) await instance.destroy();
		await postgres?.stop();
	},
});
