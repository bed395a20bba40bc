/** Two instances on the databases that a suite asks for, for suites that run in both directions. */
import { type Instance, startInstance } from './instance.ts';
import { type Postgres, startPostgres } from './postgres.ts';

export type Pair = { start: () => Promise<[Instance, Instance]>; end: () => Promise<void> };

type Kind = 'sqlite' | 'postgres';

/** North is on the first kind of database, south on the second. */
export function createPair(first: Kind, second: Kind): Pair {
	const started: Instance[] = [];
	let postgres: Promise<Postgres> | undefined;

	const startOn = async (name: string, kind: Kind): Promise<Instance> => {
		postgres ??= kind === 'postgres' ? startPostgres() : undefined;
		const database = kind === 'postgres' && postgres ? { postgres: await postgres } : 'sqlite';
		const instance = await startInstance({ name, database });
		started.push(instance);
		return instance;
	};

	return {
		start: () => Promise.all([startOn('north', first), startOn('south', second)]),
		end: async () => {
			for (const instance of started) await instance.destroy();
			await (await postgres)?.stop();
		},
	};
}
