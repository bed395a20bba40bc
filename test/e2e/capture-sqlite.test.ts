import { type Instance, startInstance } from '../support/instance.ts';
import { installProbe } from '../support/probe.ts';
import { describeCapture } from './capture.ts';

const started: Instance[] = [];

describeCapture(
	'every write on SQLite',
	{
		start: async () => {
			const pair = await Promise.all([
				startInstance({ name: 'sender', prepare: installProbe }),
				startInstance({ name: 'receiver' }),
			]);
			started.push(...pair);
			return pair;
		},
		end: async () => {
			for (const instance of started) await instance.destroy();
		},
	},
	'all',
);
