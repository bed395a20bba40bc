/**
 * Directus' own services in this very process, on an instance's database: for tests of our code that stands on them,
 * without the HTTP between. A process has one database for life, as with Directus itself.
 */
import { createRequire } from 'node:module';
import type { ApiExtensionContext } from '@directus/types';
import type { Instance } from './instance.ts';

export type Services = Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database' | 'logger'>;

const directus = createRequire(createRequire(import.meta.url).resolve('directus/package.json'));
const load = (path: string) => import(directus.resolve(`@directus/api/${path}`));

/** @param instance a stopped one: two processes on one SQLite file would be in each other's way */
export async function loadServices(instance: Instance): Promise<Services> {
	if (instance.running) throw new Error(`Stop ${instance.name} first.`);
	Object.assign(process.env, { TELEMETRY: 'false', LOG_LEVEL: 'warn' }, instance.env);
	process.chdir(instance.directory);

	const { getDatabase } = (await load('database/index')) as { getDatabase: () => Services['database'] };
	const services = (await load('services/index')) as Services['services'];
	const { getSchema } = (await load('utils/get-schema')) as Pick<Services, 'getSchema'>;
	const { useLogger } = (await load('logger/index')) as { useLogger: () => Services['logger'] };
	return { services, getSchema, database: getDatabase(), logger: useLogger() };
}
