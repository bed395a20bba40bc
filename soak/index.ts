/**
 * `npm run soak -- 10m [seed]`: a storm on three real instances for the given time (s, m or h; default 10m), then quiet, and
 * all must be equal. Exits 1 if anything is not as it should be.
 */
import { soak } from './soak.ts';

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 };

const [duration = '10m', seedText] = process.argv.slice(2);
const [, amount, unit = 's'] = /^(\d+)([smh])?$/.exec(duration) ?? [];
const milliseconds = Number(amount) * (UNITS[unit] ?? Number.NaN);
const seed = seedText === undefined ? Date.now() % 2 ** 31 : Number(seedText);

if (!(milliseconds > 0) || !Number.isInteger(seed)) {
	console.error('Usage: npm run soak -- [duration, such as 90s, 10m or 1h] [seed, a whole number]');
	process.exit(1);
}

const say = (line: string) => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
say(`Soak of ${duration}, seed ${seed}.`);
const { faults, counts } = await soak({ milliseconds, seed, say });
console.table(counts);
for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? 'All equal, nothing lost.' : `NOT AS IT SHOULD BE: ${faults.length} faults.`);
process.exitCode = faults.length === 0 ? 0 : 1;
