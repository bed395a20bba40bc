/**
 * npm run demo: three real Directus instances that keep a whole magazine in sync (articles, pages, translations,
 * pictures, settings), through edits on all sides, a conflict and an outage. They stay up afterwards, to be tried in Data Studio; with `--once` the show ends by
 * itself, with exit code 1 if anything did not arrive.
 */
import { ADMIN } from '../test/support/admin.ts';
import * as report from './report.ts';
import { perform } from './show.ts';
import { start } from './start.ts';

const once = process.argv.includes('--once');
let open = false;

// The instances are ended and their folder is removed on the way out, see test/support/children.ts.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	process.on(signal, () => {
		console.log('\nStopping the instances and removing their folders.');
		process.exit(open ? 0 : 130);
	});
}

report.title('Data Sync for Directus: three instances, one magazine');
const instances = await start().catch((error: unknown) => giveUp('The demo could not start.', error));
const complete = await perform(instances).catch(async (error: unknown) => {
	await showLogs();
	return giveUp('The show was cut short.', error);
});
report.outcome(complete, 'Everything arrived everywhere.', 'Something did not arrive, see above.');
if (!complete) await showLogs();

if (once) {
	await Promise.all(instances.map((instance) => instance.destroy()));
	process.exit(complete ? 0 : 1);
}
invite();
open = true;
// Nothing else keeps this process alive: the instances are on their own until Ctrl-C.
setInterval(() => {}, 60_000);

function invite(): void {
	report.scene('Now you');
	report.line('Open two of them side by side, edit an article, a page or the settings, and reload the other.');
	report.line('');
	report.table(instances.map(({ name, url }) => [name, `${url}/admin/content/articles`]));
	report.line('');
	report.line(`Sign in with   ${ADMIN.email}   ${ADMIN.password}`);
	report.line('Their sources are in "Data Sync Remote Sources". Ctrl-C ends it all and leaves nothing behind.');
}

async function showLogs(): Promise<void> {
	for (const { name, log } of instances) report.aside(`What ${name} logged last:\n${(await log()).slice(-2000)}`);
}

function giveUp(what: string, error: unknown): never {
	report.outcome(false, '', `${what} ${error instanceof Error ? error.message : error}`);
	process.exit(1);
}
