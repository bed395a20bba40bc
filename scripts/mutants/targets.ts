/** The files that faults are planted in, each with the tests that are to notice them: the near ones first, as they are quick. */
export type Tests = { near: readonly string[]; far: readonly string[] };

const law = (name: string): [string, Tests] => [
	`src/replication/${name}.ts`,
	{
		near: [`test/replication/${name}.test.ts`],
		far: [
			'test/replication/*.test.ts',
			'test/apply/*.test.ts',
			'test/feed/*.test.ts',
			'test/link/*.test.ts',
			'test/push/compose.test.ts',
			'test/wire/*.test.ts',
		],
	},
];

export const TARGETS: Readonly<Record<string, Tests>> = {
	...Object.fromEntries([
		law('merge'),
		law('life'),
		law('stamps'),
		law('clock'),
		law('conflict'),
		law('counted-key'),
		law('digest'),
		law('timestamp'),
		law('turns'),
	]),
	'src/apply/decide.ts': {
		near: ['test/apply/decide.test.ts'],
		far: ['test/apply/*.test.ts', 'test/push/*.test.ts', 'test/link/*.test.ts', 'test/engine/*.test.ts'],
	},
	'src/link/topology.ts': { near: ['test/link/topology.test.ts'], far: ['test/link/*.test.ts', 'test/push/*.test.ts'] },
	'src/push/compose.ts': { near: ['test/push/compose.test.ts'], far: ['test/push/*.test.ts', 'test/engine/*.test.ts'] },
	'src/feed/compare.ts': { near: ['test/feed/*.test.ts'], far: ['test/apply/*.test.ts', 'test/push/*.test.ts'] },
	'src/feed/settle.ts': { near: ['test/feed/settle.test.ts'], far: ['test/feed/*.test.ts', 'test/engine/*.test.ts'] },
};
