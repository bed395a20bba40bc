/**
 * `npm run bench`: what Data Sync costs, beside native Directus, in one run on one machine. Native is the same request
 * to an instance without the extension. Rounds alternate, figures are medians, and only the ratios mean anything.
 */
import { connectAll } from '../test/support/data-sync.ts';
import { startInstance } from '../test/support/instance.ts';
import { untilCount } from './arrival.ts';
import { COLLECTION, createArticles, LISTING, newArticles } from './articles.ts';
import { median, milliseconds, ratio, timed } from './measure.ts';

const ITEMS = 1000;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const SINGLES = 40;

const [native, source, remote] = await Promise.all([
	startInstance({ name: 'native', extension: false }),
	startInstance({ name: 'source' }),
	startInstance({ name: 'remote' }),
]);
const instances = [native, source, remote];

try {
	console.log('Starting three Directus instances on SQLite: one without the extension, two that sync both ways.');
	for (const instance of instances) await createArticles(instance);
	await connectAll([source, remote], LISTING);
	const post = { native: [] as number[], source: [] as number[], synced: [] as number[] };
	const patch = { native: [] as number[], source: [] as number[], synced: [] as number[] };
	const single = { native: [] as number[], source: [] as number[], synced: [] as number[] };

	// The first round warms up and does not count.
	for (let round = 0; round <= ROUNDS; round += 1) {
		const counts = round > 0;
		const items = newArticles(ITEMS, `New ${round}`);

		const nativePost = await timed(() => native.api('POST', `/items/${COLLECTION}`, items));
		let sourcePost = 0;
		const syncedPost = await timed(async () => {
			sourcePost = await timed(() => source.api('POST', `/items/${COLLECTION}`, items));
			await untilCount(remote, 'title like ?', [`New ${round}.%`], ITEMS);
		});
		if (counts) push(post, nativePost, sourcePost, syncedPost);

		const edits = items.map(({ id }, index) => ({ id, title: `Edit ${round}.${index}` }));
		const nativePatch = await timed(() => native.api('PATCH', `/items/${COLLECTION}`, edits));
		let sourcePatch = 0;
		const syncedPatch = await timed(async () => {
			sourcePatch = await timed(() => source.api('PATCH', `/items/${COLLECTION}`, edits));
			await untilCount(remote, `title like ?`, [`Edit ${round}.%`], ITEMS);
		});
		if (counts) push(patch, nativePatch, sourcePatch, syncedPatch);
		console.log(`Round ${round === 0 ? 'to warm up' : `${round} of ${ROUNDS}`} done.`);
	}

	for (const item of newArticles(SINGLES, 'Single')) {
		const nativeSingle = await timed(() => native.api('POST', `/items/${COLLECTION}`, item));
		let sourceSingle = 0;
		const syncedSingle = await timed(async () => {
			sourceSingle = await timed(() => source.api('POST', `/items/${COLLECTION}`, item));
			await untilCount(remote, 'id = ?', [String(item.id)], 1);
		});
		push(single, nativeSingle, sourceSingle, syncedSingle);
	}

	await remote.stop();
	const missed = newArticles(100, 'Missed');
	for (const item of missed) await source.createItem(COLLECTION, item);
	await remote.start();
	await untilCount(remote, 'title like ?', ['Missed.%'], missed.length);

	console.log('');
	console.table([
		row(`${ITEMS} creates in one POST, until all are on the remote`, post.native, post.synced, '≤ 1.6 ×'),
		row(`${ITEMS} items in one PATCH, until all are on the remote`, patch.native, patch.synced, '≤ 1.5 ×'),
		row('That POST at the source', post.native, post.source, '≤ 1.10 ×'),
		row('That PATCH at the source', patch.native, patch.source, '–'),
		row('One create, until it is on the remote', single.native, single.synced, '≤ 2.0 ×'),
		row('That create at the source', single.native, single.source, '–'),
	]);
	console.log(`Edits lost of ${missed.length} made while the remote was down: 0`);
} catch (error) {
	for (const instance of instances) console.error(`${instance.name} logged:\n${(await instance.log()).slice(-3000)}`);
	throw error;
} finally {
	await Promise.all(instances.map((instance) => instance.destroy()));
}

function push(
	to: { native: number[]; source: number[]; synced: number[] },
	native: number,
	source: number,
	synced: number,
) {
	to.native.push(native);
	to.source.push(source);
	to.synced.push(synced);
}

function row(what: string, native: number[], ours: number[], goal: string) {
	return {
		what,
		native: milliseconds(median(native)),
		'with Data Sync': milliseconds(median(ours)),
		ratio: ratio(median(ours), median(native)),
		goal,
	};
}
