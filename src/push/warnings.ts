/**
 * References that a remote could not follow: one warning for all items of a field, kept with the source's checkpoint. It is
 * no delivery, since the items went through; it says what is missing there.
 */

import type { ItemsDep } from '../content/port.ts';
import { referencesOf } from '../content/references.ts';
import type { ClockDep } from '../directus/port.ts';
import type { FeedDep } from '../feed/port.ts';
import { unchangedTouch } from '../feed/touch.ts';
import type { CheckpointsDep, Warning } from '../link/port.ts';
import type { Change } from '../replication/change.ts';
import { isAlive } from '../replication/life.ts';
import { pages } from '../replication/paging.ts';
import type { Source } from '../sources/port.ts';
import type { ChangeResult } from '../wire/result.ts';
import type { NotifyDep } from './port.ts';

const MOST = 50;

export type WarningDeps = CheckpointsDep & ItemsDep & ClockDep & NotifyDep;

/** Notes what was left out, and forgets a warning when its example has gone through whole. */
export async function noteLeftOut(
	ports: WarningDeps,
	source: Source,
	sent: { change: Change }[],
	results: ChangeResult[],
): Promise<void> {
	const { warnings: before } = (await ports.checkpoints.read(source.id)).health;
	if (before.length === 0 && results.every(({ leftOut }) => leftOut === undefined)) return;
	const warnings = new Map(before.map((each) => [`${each.collection}.${each.field}`, each]));

	for (const [index, { change }] of sent.entries()) {
		const { outcome, leftOut = [] } = results[index] ?? {};
		const { collection, item: example } = change;

		for (const [id, warning] of warnings) {
			const isExample = warning.collection === collection && warning.example === example;
			if (isExample && change.mode !== 'probe' && !leftOut.includes(warning.field)) warnings.delete(id);
		}

		for (const field of leftOut) {
			const known = warnings.get(`${collection}.${field}`);
			const code = outcome === 'skipped' ? 'item_skipped' : 'reference_left_out';
			if (!known && warnings.size >= MOST) continue;
			const first = { collection, field, to: await referredBy(ports, change, field), since: ports.clock.now() };
			warnings.set(`${collection}.${field}`, { ...first, ...known, code, example, count: (known?.count ?? 0) + 1 });
		}
	}

	const after = [...warnings.values()];
	await ports.checkpoints.saveHealth(source.id, { warnings: after });
	const [news] = after.filter(
		(each) => !before.some(({ collection, field }) => collection === each.collection && field === each.field),
	);
	if (before.length === 0 && news) await ports.notify.leftOut(source, after);
}

async function referredBy({ items }: WarningDeps, { collection, fields }: Change, field: string): Promise<string> {
	const shape = await items.shape(collection);
	const values = Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]));
	const reference = shape && referencesOf(shape, values).find((each) => each.field === field);
	return reference?.collection ?? '';
}

/** A sentence for people that says what to do. */
export function describeWarning({ code, collection, field, to, count, example }: Warning): string {
	const times = count === 1 ? 'once' : `${count} times`;
	const what =
		code === 'item_skipped'
			? `Items of "${collection}" were not sent (${times}, last ${example})`
			: `"${field}" of "${collection}" was left out (${times}, last for ${example})`;
	return `${what}, because the remote does not have what "${field}" refers to in "${to}". List "${to}" in the source's schema, or create those items there; then resync. "onMissing" in the entry of "${collection}" says what is to become of such items.`;
}

/** Sends again what had to go without a reference to items that the remote has now. */
export async function resendFollowers(
	ports: CheckpointsDep & ItemsDep & FeedDep & ClockDep,
	source: Source,
	sent: { change: Change }[],
	results: ChangeResult[],
): Promise<void> {
	const arrived = sent.filter((_, index) => results[index]?.outcome === 'applied').map(({ change }) => change);
	if (arrived.length === 0) return;
	const { warnings } = (await ports.checkpoints.read(source.id)).health;

	for (const { collection, field, to } of warnings) {
		const keys = arrived.filter((change) => change.collection === to && isAlive(change.life)).map(({ item }) => item);
		const shape = keys.length > 0 ? await ports.items.shape(collection) : null;
		if (!shape) continue;
		const referring = (after: string | null, limit: number) =>
			ports.items.find(shape, { [field]: { _in: keys } }, after, limit);

		for await (const found of pages(referring, (key) => key)) {
			const touch = (item: string) => unchangedTouch({ collection, item }, ports.clock.stamp());
			await ports.feed.touch(found.map(touch), { onlyKnown: true, again: true });
		}
	}
}
