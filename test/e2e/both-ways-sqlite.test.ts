import { type Instance, startInstance } from '../support/instance.ts';
import { describeBothWays } from './both-ways.ts';

const started: Instance[] = [];

describeBothWays('two instances on SQLite', {
	start: async () => {
		const pair = await Promise.all([startInstance({ name: 'north' }), startInstance({ name: 'south' })]);
		started.push(...pair);
		return pair;
	},
	end: async () => {
		for (const instance of started) await instance.destroy();
	},
});
