/** What all tests that try at random have in common: a seed that is printed and can be given, and a look at the process. */
import { readFile } from 'node:fs/promises';
import type { Instance } from './instance.ts';

/** `FUZZ_SEED` repeats a run. */
export const FUZZ_SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

export const printSeed = (): void => console.log(`FUZZ_SEED=${FUZZ_SEED} repeats this run.`);

/** The memory that the instance's process takes, in bytes; null where the system does not tell. */
export async function memoryOf({ pid }: Instance): Promise<number | null> {
	const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
	const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
	return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/** Lines of the log that tell of a fault nobody has seen to. */
export async function unseenFaults(instance: Instance): Promise<string[]> {
	const lines = (await instance.log()).split('\n');
	return lines.filter((line) => /unhandled|uncaught|heap out of memory/i.test(line));
}
