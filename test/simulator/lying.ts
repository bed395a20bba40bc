/** Sources whose status says that their remotes have everything, though they don't. */
import { sourceStatus } from '../../src/engine/status.ts';
import { createVirtualClock } from './memory/clock.ts';
import { createMemoryPorts } from './memory/ports.ts';
import { createSession } from './memory/session.ts';
import { lastLinks } from './reach.ts';
import { untoldBy } from './untold.ts';
import { type Host, sourceId, type World } from './world.ts';

export async function findLies(world: World): Promise<string[]> {
	const lies: string[] = [];
	// What is left of links that are dead is what they were to tell.
	const events = world.plan.events.filter(({ kind }) => kind !== 'die' && kind !== 'unpublish');

	for (const link of lastLinks({ ...world.plan, events })) {
		const host = world.hosts[link.from];
		const says = host && (await statusOf(host, sourceId(link)));
		const untold = says === 'synced' ? untoldBy(world, link) : [];
		lies.push(...untold.map((what) => `${link.from} to ${link.to} is said to be synced, but ${what}`));
	}

	return lies;
}

async function statusOf({ store, wall }: Host, id: string): Promise<string | null> {
	const source = store.data.sources.find((each) => each.id === id);
	if (!source) return null;
	const nowhere = () => Promise.reject(new Error('nobody is asked'));
	const clock = createVirtualClock({ node: store.data.node, wall });
	const session = createSession(store);
	const ports = createMemoryPorts({ session, clock, transport: { info: nowhere, send: nowhere } });
	const { state, pending, failed, warnings } = await sourceStatus(ports, source);
	return pending + failed + warnings.length > 0 ? 'incomplete' : state;
}
