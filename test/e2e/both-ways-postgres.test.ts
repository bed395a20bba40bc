import { type Instance, startInstance } from '../support/instance.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { describeBothWays } from './both-ways.ts';

const started: Instance[] = [];
let postgres: Postgres | undefined;

describeBothWays('two instances on PostgreSQL', {
	start: async () => {
		const database = { postgres: await startPostgres() };
		postgres = database.postgres;
		const pair = await Promise.all([
			startInstance({ name: 'north', database }),
			startInstance({ name: 'south', database }),
		]);
		started.push(...pair);
		return pair;
	},
	end: async () => {
		for (const instance of started) await instance.destroy();
		await postgres?.stop();
	},
});
