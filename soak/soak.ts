/** One soak: a storm of edits, conflicts, cuts and kills for the given time, then quiet, then the verdict. */
import { createEditor, type Desk, noCounts } from './editor.ts';
import { createJournal } from './journal.ts';
import { differences, losses } from './judge.ts';
import { startMesh } from './mesh.ts';
import { batches, describeFeed, feedRow, listen, readContent, untilDelivered } from './quiet.ts';
import { createRandom } from './random.ts';
import { cutLinks, killInstances, makeConflicts } from './trouble.ts';

/** Durations in milliseconds; `silence`: how long to listen in the end whether nothing is sent any more. */
export type SoakOptions = { milliseconds: number; silence?: number; seed: number; say: (line: string) => void };

export type SoakResult = {
	/** What is not as it should be, one sentence each; empty when all is well. */
	faults: string[];
	/** What happened, in the order to be shown. */
	counts: Record<string, number | string>;
};

const PROGRESS = 10_000;
/** Longer than the background worker takes to look round. */
const SILENCE = 20_000;
const PATIENCE = 15 * 60_000;

export async function soak({ milliseconds, silence = SILENCE, seed, say }: SoakOptions): Promise<SoakResult> {
	say('Starting three instances in a mesh: one on PostgreSQL, two on SQLite.');
	const { instances, links, end } = await startMesh();

	try {
		const desk: Desk = { journal: createJournal(), random: createRandom(seed), items: [], counts: noCounts() };
		const trouble = { conflicts: 0, cuts: 0, kills: 0 };
		const editors = instances.map((instance, index) => createEditor(instance, index, desk));
		const signal = AbortSignal.timeout(milliseconds);
		const started = Date.now();
		const progress = setInterval(() => {
			const seconds = Math.round((Date.now() - started) / 1000);
			const { creates, updates, deletes } = desk.counts;
			say(
				`${seconds} s: ${creates + updates + deletes} writes, ${trouble.conflicts} conflicts, ${trouble.cuts} cuts, ${trouble.kills} kills, ${batches(links)} batches`,
			);
		}, PROGRESS);

		try {
			await Promise.all([
				...editors.map((editor) => editor.work(signal)),
				makeConflicts(desk, editors, instances, trouble, signal),
				cutLinks(desk, links, trouble, signal),
				killInstances(desk, instances, trouble, signal),
			]);
		} finally {
			clearInterval(progress);
		}

		say('Quiet: waiting until everything is delivered.');
		const ended = Date.now();
		const undelivered = await untilDelivered(instances, links, PATIENCE);
		const convergence = Date.now() - ended;
		say('Listening whether the wires are silent.');
		const noise = undelivered === null ? await listen(links, silence) : 0;
		const contents = await Promise.all(instances.map(readContent));
		const names = instances.map(({ name }) => name);
		const different = differences(contents, names);
		const faults = [
			...(undelivered === null ? [] : [undelivered]),
			...(noise > 0 ? [`${noise} batches were sent after everything was delivered`] : []),
			...different.map(({ sentence }) => sentence),
			...losses(contents[0] ?? new Map(), desk.journal),
		];
		if (faults.length > 0) {
			for (const instance of instances) say(await describeFeed(instance));
			for (const { id } of different) for (const instance of instances) say(await feedRow(instance, id));
		}

		const bytes = links.reduce((sum, { traffic }) => sum + traffic.bytes, 0);
		const requests = links.reduce((sum, { traffic }) => sum + traffic.requests, 0);
		return {
			faults,
			counts: {
				seed,
				'storm (s)': Math.round((ended - started) / 1000),
				'items created': desk.counts.creates,
				'item updates': desk.counts.updates,
				'items deleted': desk.counts.deletes,
				'bulk requests among them': desk.counts.bulk,
				'requests refused (item was gone, key was taken)': desk.counts.refused,
				'requests broken off by a kill': desk.counts.broken,
				'items edited on all instances at once': trouble.conflicts,
				'kill -9 and restart': trouble.kills,
				'links cut': trouble.cuts,
				'requests on the wire': requests,
				'batches on the wire': batches(links),
				'bytes on the wire': bytes,
				'items at the end': contents[0]?.size ?? 0,
				'time to converge (s)': undelivered === null ? Number((convergence / 1000).toFixed(1)) : 'never',
				'batches while silent': noise,
				faults: faults.length,
			},
		};
	} finally {
		await end();
	}
}
