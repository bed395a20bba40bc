/**
 * The operation "Sync to remotes", at the server. It rejects only when its own configuration is wrong: a remote
 * that is down is what the feed is for, and shows in the result.
 */
import type { ApiExtensionContext, OperationApiConfig, OperationContext } from '@directus/types';
import type { SourceReport } from '../../engine/source-report.ts';
import { type DataSync, dataSync } from '../../start.ts';
import { readAsker } from './asker.ts';
import { NotStartedError, OptionsError } from './operation-errors.ts';
import { type Options, parseOptions } from './options.ts';
import { run } from './run.ts';
import { readTrigger } from './trigger.ts';

type Result = { queued: number; sources: SourceReport[] } | { scheduled: true };

const operation: OperationApiConfig = {
	id: 'sync-to-remotes',
	handler: async (input, context): Promise<Result> => {
		const parsed = parseOptions(input);
		if (!parsed.ok) throw new OptionsError({ reason: parsed.error });
		const running = dataSync();

		if (!running) throw new NotStartedError();

		await checkSources(running, parsed.options);
		const trigger = readTrigger(context.data.$trigger);
		const { database } = context as OperationContext & Partial<ApiExtensionContext>;

		if (database?.isTransaction) {
			// A Flow that runs inside the editor's save must not wait for it to end.
			running.worker.wakeSoon();
			return { scheduled: true };
		}

		return run(running, parsed.options, trigger, await readAsker(context));
	},
};

async function checkSources({ ports }: DataSync, { sources }: Options): Promise<void> {
	if (sources === null) return;
	const known = new Set((await ports.sources.list()).map((source) => source.id));
	const missing = sources.filter((id) => !known.has(id));
	if (missing.length === 0) return;
	throw new OptionsError({
		reason: `Sync to remotes: there is no remote source ${missing.join(', ')} any more. Open the operation and choose others.`,
	});
}

export default operation;
