/**
 * Setup: finds what schema.ts describes and the database lacks, and creates it. Nothing missing, nothing written, so
 * every start of every process may run this. One thing that can't be created never keeps the rest from being created.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiExtensionContext } from '@directus/types';
import type { Environment } from '../directus/environment.ts';
import type { Notifier } from '../directus/notify.ts';
import { whenNotBusy } from '../directus/when-not-busy.ts';
import { withLease } from './lease.ts';
import { inactiveFlowsNotice, isLimitExceeded, limitedNotice } from './limits.ts';
import type { Created, Missing, Part } from './missing.ts';
import { missingCollections, missingRelations } from './missing-collections.ts';
import { missingFlows } from './missing-flows.ts';
import { missingIdentity } from './missing-identity.ts';
import { missingTables } from './missing-tables.ts';

/** Everything after the tables, in the order of dependence. */
const PARTS: readonly Part[] = [missingCollections, missingRelations, missingIdentity, missingFlows];
const SECOND_LOOKS_MS = [300, 600];

type Report = { created: string[]; inactive: string[]; limited: string[]; failed: string[] };

/** Creates what is missing; true when something was, here or by another process at the same time. */
export async function install(
	context: ApiExtensionContext,
	{ schemaChangesDisabled }: Pick<Environment, 'schemaChangesDisabled'>,
	notifier: Notifier,
): Promise<boolean> {
	const missing: Missing[] = [];
	for (const part of [missingTables, ...PARTS]) missing.push(...(await whenNotBusy(() => part(context))));
	if (missing.length === 0) return false;

	if (schemaChangesDisabled) {
		context.logger.warn(
			`Data Sync: missing: ${missing.map(({ name }) => name).join(', ')}. Setup creates nothing, because ` +
				'DATA_SYNC_DISABLE_SCHEMA_CHANGE or DISABLE_EXTENSION_SCHEMA_CHANGE is set. Start Directus once without ' +
				'it, or create them as schema.ts of the extension describes; what needs them does not work until then.',
		);
		return false;
	}

	const report: Report = { created: [], inactive: [], limited: [], failed: [] };
	await createMissing(context, missingTables, report);
	if (report.failed.length === 0)
		await withLease(context, async () => {
			for (const part of PARTS) await createMissing(context, part, report);
		});
	await tell(context, notifier, report);
	return true;
}

async function createMissing(context: ApiExtensionContext, part: Part, report: Report) {
	for (const missing of await whenNotBusy(() => part(context))) {
		try {
			const created = await createOrFindCreated(context, part, missing);
			report.created.push(missing.name);
			if (created?.inactive) report.inactive.push(missing.name);
		} catch (error) {
			if (isLimitExceeded(error)) report.limited.push(missing.name);
			else report.failed.push(`${missing.name} (${error instanceof Error ? error.message : String(error)})`);
		}
	}
}

/** A failed creation may mean that another process was faster: what counts is whether it is there now. */
async function createOrFindCreated(context: ApiExtensionContext, part: Part, missing: Missing) {
	let latest = missing;
	for (const pause of [...SECOND_LOOKS_MS, null]) {
		try {
			return await whenNotBusy<Created | undefined>(latest.create);
		} catch (error) {
			if (isLimitExceeded(error)) throw error;
			if (pause !== null) await sleep(pause);
			const still = (await whenNotBusy(() => part(context))).find(({ name }) => name === missing.name);
			if (!still) return undefined;
			if (pause === null) throw error;
			latest = still;
		}
	}
	return undefined;
}

async function tell({ logger }: ApiExtensionContext, notifier: Notifier, report: Report) {
	if (report.created.length > 0) logger.info(`Data Sync: setup has created ${report.created.join(', ')}`);
	if (report.failed.length > 0)
		logger.error(`Data Sync: setup could not create ${report.failed.join(', ')}. It tries again at the next start.`);

	const notices = [
		...(report.inactive.length > 0 ? [inactiveFlowsNotice(report.inactive)] : []),
		...(report.limited.length > 0 ? [limitedNotice(report.limited)] : []),
	];
	for (const { subject, message } of notices) {
		logger.warn(`${subject}. ${message}`);
		await notifier.notifyAdmins(subject, message, { once: true });
	}
}
