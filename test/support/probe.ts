/**
 * What other extensions do inside an instance: services with whatever rights and options, in a transaction of their own
 * or not, and plain queries. A second extension that does as it is told, by `POST /probe`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instance } from './instance.ts';

export type ProbeCall = {
	/** Calls of the collection's ItemsService, one after the other: a method and its arguments. */
	service?: [method: string, ...args: unknown[]][];
	/** Calls that build one query on the collection's table. */
	query?: [method: string, ...args: unknown[]][];
	/** Whose rights: nobody's, which is everything without a trace, or the caller's. Default: nobody's. */
	as?: 'nobody' | 'caller';
	/** All in one transaction, which commits or not. */
	transaction?: 'commit' | 'rollback';
};

const SOURCE = `
export default (router, { services, database, getSchema }) => {
	router.post('/', async (request, response, next) => {
		const { collection, service = [], query = [], as, transaction } = request.body;
		const run = async (knex) => {
			const accountability = as === 'caller' ? request.accountability : null;
			const items = new services.ItemsService(collection, { knex, schema: await getSchema(), accountability });
			for (const [method, ...args] of service) await items[method](...args);
			if (query.length > 0) await query.reduce((builder, [method, ...args]) => builder[method](...args), knex(collection));
			if (transaction === 'rollback') throw new Error('rolled back as asked');
		};
		try {
			await (transaction ? database.transaction(run) : run(database));
			response.json({ data: 'done' });
		} catch (error) {
			if (error.message === 'rolled back as asked') return response.json({ data: error.message });
			next(error);
		}
	});
};
`;

/** To be given to `startInstance` as `prepare`. */
export async function installProbe(directory: string): Promise<void> {
	const folder = join(directory, 'extensions', 'probe');
	const manifest = {
		name: 'probe',
		version: '1.0.0',
		type: 'module',
		'directus:extension': { type: 'endpoint', path: 'index.js', source: 'index.js', host: '*' },
	};
	await mkdir(folder, { recursive: true });
	await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
	await writeFile(join(folder, 'index.js'), SOURCE);
}

export async function probe(instance: Instance, collection: string, call: ProbeCall): Promise<void> {
	await instance.data('POST', '/probe', { collection, ...call });
}
