/**
 * Plays mutants in this process, one after the other: Vite gives the tests the changed text, and no file is touched. Prints
 * one line of JSON for each. A mutant that never comes to an end takes this process along; the parent begins a new one.
 *
 * run-mutants.ts <file> <index of the first> <near test> … -- <far test> …
 * The far tests are run when the near ones notice nothing.
 */
import { readFileSync } from 'node:fs';
import { matchesGlob, resolve } from 'node:path';
import { createVitest } from 'vitest/node';
import { type Mutant, mutantsOf } from './mutate.ts';

const [file = '', first = '0', ...tests] = process.argv.slice(2);
const far = tests.splice(tests.indexOf('--')).slice(1);
const path = resolve(file);
const original = readFileSync(path, 'utf8');
let planted: Mutant | null = null;

const vitest = await createVitest(
	'test',
	{
		config: false,
		watch: false,
		include: [...tests, ...far],
		pool: 'threads',
		maxWorkers: 2,
		bail: 1,
		reporters: [{}],
		testTimeout: 60_000,
	},
	{
		plugins: [
			{
				name: 'plant',
				enforce: 'pre',
				transform: (code: string, id: string) =>
					planted && id.split('?')[0] === path
						? original.slice(0, planted.start) + planted.to + original.slice(planted.end)
						: code,
			},
		],
	},
);
const all = await vitest.globTestSpecifications();
const isNear = ({ moduleId }: { moduleId: string }) => tests.some((test) => matchesGlob(moduleId, resolve(test)));
const stages = [all.filter(isNear), all.filter((each) => !isNear(each))];
if (stages[0]?.length === 0) throw new Error(`There is no test among ${tests.join(', ')}.`);

async function passes(): Promise<boolean> {
	for (const stage of stages) {
		if (stage.length === 0) continue;
		vitest.invalidateFile(path);
		const { testModules, unhandledErrors } = await vitest.runTestSpecifications(stage, false);
		if (unhandledErrors.length > 0 || !testModules.every((module) => module.ok())) return false;
	}
	return true;
}

const tell = (message: object): void => {
	process.stdout.write(`${JSON.stringify(message)}\n`);
};

// Otherwise everything would seem to be caught.
if (!(await passes())) {
	const failed = vitest.state.getFailedFilepaths().join(', ');
	throw new Error(`The tests of ${file} fail without a planted fault: ${failed}`);
}
for (const [index, mutant] of mutantsOf(file, original).entries()) {
	if (index < Number(first)) continue;
	planted = mutant;
	tell({ begins: index });
	tell({ index, survived: await passes() });
}
await vitest.close();
process.exit(0);
