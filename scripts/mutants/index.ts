/**
 * npm run mutants: plants faults in the files that decide what becomes of a change, one at a time, and tells which of them no
 * unit test notices. Not a part of npm test: it takes an hour. docs/mutation.md holds the last record.
 *
 * npm run mutants -- merge life     plays the files of these names only
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EQUIVALENT } from './equivalent.ts';
import { type Mutant, mutantsOf } from './mutate.ts';
import { TARGETS, type Tests } from './targets.ts';

type Outcome = 'caught' | 'endless' | 'survived' | 'equivalent';

const RUNNER = fileURLToPath(new URL('./run-mutants.ts', import.meta.url));
/** Milliseconds that one mutant may take, on a busy machine as well. */
const PATIENCE = 120_000;

/** Plays from a mutant on until the end or until one does not come to an end; gives the index of that one, or null. */
function playFrom(file: string, first: number, { near, far }: Tests, note: (index: number, survived: boolean) => void) {
	return new Promise<number | null>((resolve, reject) => {
		const child = spawn(process.execPath, ['--import', 'tsx', RUNNER, file, String(first), ...near, '--', ...far], {
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		let current: number | null = null;
		let endless = false;
		const giveUp = () => {
			endless = current !== null;
			child.kill('SIGKILL');
		};
		let timer = setTimeout(giveUp, PATIENCE * 2);

		createInterface({ input: child.stdout }).on('line', (line) => {
			if (!line.startsWith('{')) return;
			clearTimeout(timer);
			timer = setTimeout(giveUp, PATIENCE);
			const told = JSON.parse(line) as { begins: number } | { index: number; survived: boolean };
			if ('begins' in told) current = told.begins;
			else note(told.index, told.survived);
		});
		child.on('close', (code) => {
			clearTimeout(timer);
			if (endless) resolve(current);
			else if (code === 0) resolve(null);
			else reject(new Error(`The runner of ${file} ended with ${code}.`));
		});
	});
}

async function play(file: string, tests: Tests): Promise<Map<Mutant, Outcome>> {
	const mutants = mutantsOf(file, readFileSync(file, 'utf8'));
	const outcomes = new Map<Mutant, Outcome>();
	const note = (index: number, outcome: Outcome) => {
		const mutant = mutants[index];
		if (mutant) outcomes.set(mutant, outcome);
	};
	const noteSurvivor = (index: number) => {
		const mutant = mutants[index];
		note(index, mutant && isEquivalent(mutant) ? 'equivalent' : 'survived');
	};

	for (let first: number | null = 0; first !== null && first < mutants.length; ) {
		const stuck: number | null = await playFrom(file, first, tests, (index, survived) =>
			survived ? noteSurvivor(index) : note(index, 'caught'),
		);
		if (stuck !== null) note(stuck, 'endless');
		first = stuck === null ? null : stuck + 1;
	}

	return outcomes;
}

const isEquivalent = ({ file, lineText, from, to }: Mutant): boolean =>
	EQUIVALENT.some(
		(each) => each.file === file && each.from === from && each.to === to && lineText.includes(each.line ?? ''),
	);

const wanted = process.argv.slice(2);
const isWanted = (file: string) => wanted.length === 0 || wanted.some((name) => file.endsWith(`/${name}.ts`));
let survivors = 0;

console.log('| file | mutants | caught | equivalent | survived |\n| --- | --- | --- | --- | --- |');
for (const [file, tests] of Object.entries(TARGETS)) {
	if (!isWanted(file)) continue;
	const outcomes = await play(file, tests);
	const count = (...which: Outcome[]) => [...outcomes.values()].filter((outcome) => which.includes(outcome)).length;
	const survived = [...outcomes].filter(([, outcome]) => outcome === 'survived');
	console.log(
		`| \`${file}\` | ${outcomes.size} | ${count('caught', 'endless')} | ${count('equivalent')} | ${survived.length} |`,
	);
	for (const [{ line, from, to }] of survived) console.error(`${file}:${line} survives: ${from}  →  ${to}`);
	survivors += survived.length;
}
process.exitCode = survivors > 0 ? 1 : 0;
