/** What goes wrong meanwhile: several people edit one item at once, links are cut, instances are killed. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Instance } from '../test/support/instance.ts';
import { CUTS, type Link } from '../test/support/link.ts';
import type { Desk, Editor } from './editor.ts';

export type TroubleCounts = { conflicts: number; cuts: number; kills: number };

type Rest = (lowest: number, highest: number) => Promise<void>;

const resting =
	({ random }: Desk, signal: AbortSignal): Rest =>
	async (lowest, highest) => {
		await pause(random.integer(lowest, highest), undefined, { signal }).catch(() => undefined);
	};

/** The same item edited on all instances that are up, at the same moment. */
export async function makeConflicts(
	desk: Desk,
	editors: Editor[],
	instances: Instance[],
	counts: TroubleCounts,
	signal: AbortSignal,
): Promise<void> {
	const rest = resting(desk, signal);

	while (!signal.aborted) {
		await rest(300, 1_500);
		const up = editors.filter((_, index) => instances[index]?.running);
		if (signal.aborted || desk.items.length === 0 || up.length < 2) continue;
		const item = desk.random.pick(desk.items);
		counts.conflicts += 1;
		await Promise.all(up.map((editor) => editor.update(item)));
	}
}

export async function cutLinks(desk: Desk, links: Link[], counts: TroubleCounts, signal: AbortSignal): Promise<void> {
	const rest = resting(desk, signal);

	while (!signal.aborted) {
		await rest(1_000, 5_000);
		if (signal.aborted) break;
		const link = desk.random.pick(links);
		link.set(desk.random.pick(CUTS));
		counts.cuts += 1;
		await rest(500, 8_000);
		link.set('open');
	}
	for (const link of links) link.set('open');
}

/** `kill -9` of one instance after the other, in the middle of whatever it is doing, and its restart. */
export async function killInstances(
	desk: Desk,
	instances: Instance[],
	counts: TroubleCounts,
	signal: AbortSignal,
): Promise<void> {
	const rest = resting(desk, signal);

	while (!signal.aborted) {
		await rest(3_000, 15_000);
		if (signal.aborted) break;
		const index = desk.random.integer(0, instances.length - 1);
		const instance = instances[index] as Instance;
		const kill = { instance: index, at: Date.now(), up: Number.POSITIVE_INFINITY };
		desk.journal.kills.push(kill);
		counts.kills += 1;
		await instance.kill();
		await rest(0, 5_000);
		await instance.start();
		kill.up = Date.now();
	}
}
