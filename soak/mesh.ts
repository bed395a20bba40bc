/** Three real instances, one on PostgreSQL and two on SQLite, each pushing to the others over links that can be cut. */
import { ARTICLES, AUTHORS, createContent, PAGES } from '../test/support/content.ts';
import { allow, connect } from '../test/support/data-sync.ts';
import { type Instance, startInstance } from '../test/support/instance.ts';
import { type Link, startLink } from '../test/support/link.ts';
import { startPostgres } from '../test/support/postgres.ts';

export const LISTING = [AUTHORS, ARTICLES, PAGES];
export const COLLECTIONS = LISTING.map(({ collection }) => collection);

export type Mesh = { instances: Instance[]; links: Link[]; end: () => Promise<void> };

export async function startMesh(): Promise<Mesh> {
	const postgres = await startPostgres();
	const instances: Instance[] = [];
	const links: Link[] = [];
	const end = async () => {
		await Promise.all(instances.map((instance) => instance.destroy()));
		await Promise.all(links.map((link) => link.close()));
		await postgres.stop();
	};

	try {
		instances.push(await startInstance({ name: 'postgres', database: { postgres } }));
		instances.push(await startInstance({ name: 'sqlite-1' }), await startInstance({ name: 'sqlite-2' }));
		for (const instance of instances) {
			await createContent(instance);
			await allow(instance, COLLECTIONS);
		}
		for (const from of instances) {
			for (const to of instances) {
				if (from === to) continue;
				const link = await startLink(`${from.name} to ${to.name}`, () => to.url);
				links.push(link);
				await connect(from, to, LISTING, { url: link.url });
			}
		}
		return { instances, links, end };
	} catch (error) {
		await end();
		throw error;
	}
}
