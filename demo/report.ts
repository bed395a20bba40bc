/** How the show reads in a terminal: plain lines, colours only where they work. */

export type Arrival = { place: string; ms: number | null };

const colourful = Boolean(process.stdout.isTTY) && !process.env.NO_COLOR;
const paint = (code: number) => (text: string) => (colourful ? `\u001B[${code}m${text}\u001B[0m` : text);

const bold = paint(1);
const dim = paint(2);
const red = paint(31);
const green = paint(32);

const WIDTH = 46;

export function title(text: string): void {
	console.log(`\n${bold(text)}\n`);
}

/** Opens a part of the show. */
export function scene(text: string): void {
	console.log(`\n${bold(text)}`);
}

export function line(text: string): void {
	console.log(`  ${text}`);
}

export function aside(text: string): void {
	console.log(`  ${dim(text)}`);
}

/** What someone did, and when it was seen elsewhere. */
export function arrivals(what: string, seen: Arrival[]): void {
	const places = seen.map(({ place, ms }) =>
		ms === null ? red(`${place} did not get it`) : `${place} ${green(lag(ms))}`,
	);
	console.log(`  ${what.padEnd(WIDTH)}  ${places.join('   ')}`);
}

export function outcome(ok: boolean, good: string, bad: string): void {
	console.log(`\n${ok ? green(good) : red(bad)}`);
}

/** A table of a few short columns. */
export function table(rows: string[][]): void {
	const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
	for (const row of rows) line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   '));
}

export function lag(ms: number): string {
	return ms < 1000 ? `after ${Math.round(ms)} ms` : `after ${(ms / 1000).toFixed(1)} s`;
}
