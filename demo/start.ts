/** Starts the demo's instances: each with the same collections, each pushing to the two others. */
import getPort from 'get-port';
import { connectAll } from '../test/support/data-sync.ts';
import { type Instance, startInstance } from '../test/support/instance.ts';
import { createModel, MODEL, MODEL_COLLECTIONS } from '../test/support/model.ts';
import { sqliteTemplate } from '../test/support/template.ts';
import * as report from './report.ts';

const PLACES = ['Berlin', 'Lagos', 'Lima'] as const;
/** Where these are taken, any free ones. */
const PORTS = [8101, 8102, 8103];

export async function start(): Promise<[Instance, Instance, Instance]> {
	report.scene('Starting');
	report.line('A database is prepared (once, a few seconds), then three instances start from copies of it.');
	await sqliteTemplate();

	const started = performance.now();
	const [berlin, lagos, lima] = PLACES.map(async (name) =>
		startInstance({ name, port: await getPort({ port: PORTS }) }),
	);
	const up = await Promise.all([berlin, lagos, lima] as [Promise<Instance>, Promise<Instance>, Promise<Instance>]);
	report.line(`Up ${report.lag(performance.now() - started)}, each with the packed extension:`);
	report.table(up.map(({ name, url }) => [`  ${name}`, url]));

	await Promise.all(up.map(createModel));
	await connectAll(up, MODEL, [...MODEL_COLLECTIONS, 'directus_files', 'directus_folders']);
	report.line(`Each has the same ${MODEL_COLLECTIONS.length} collections and pushes their items to the two others.`);
	report.line(
		`The source lists ${MODEL.length} of them; junctions, translations and files come with the fields that use them.`,
	);
	report.aside('Shared are all fields but one: the notes of an article stay where they are written.');
	return up;
}
