import { type Instance, startInstance } from '../support/instance.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { installProbe } from '../support/probe.ts';
import { describeCapture } from './capture.ts';

const started: Instance[] = [];
let postgres: Postgres | undefined;

describeCapture(
	'every write on PostgreSQL',
	{
		start: async () => {
			const database = { postgres: await startPostgres() };
			postgres = database.postgres;
			const pair = await Promise.all([
				startInstance({ name: 'sender', database, prepare: installProbe }),
				startInstance({ name: 'receiver' }),
			]);
			started.push(...pair);
			return pair;
		},
		end: async () => {
			for (const instance of started) await instance.destroy();
			await postgres?.stop();
		},
	},
	'transactions',
);
