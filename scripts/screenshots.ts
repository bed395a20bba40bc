/**
 * npm run screenshots: takes the documentation's picture of Data Studio anew, light and dark, from the demo's instances. Look at
 * it before you commit it: whether a picture is good, no program can tell.
 */
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fillMagazine } from '../demo/content.ts';
import { countAll } from '../demo/stage.ts';
import { start } from '../demo/start.ts';
import { openStudio, startBrowser } from '../test/support/browser.ts';
import { SOURCES } from '../test/support/data-sync.ts';
import { ROOT } from '../test/support/extension.ts';
import { waitFor } from '../test/support/wait-for.ts';

const FOLDER = join(ROOT, 'docs/images');
/** The form of a source down to the end of its schema. */
const WINDOW = { viewport: { width: 1200, height: 1000 }, deviceScaleFactor: 1.5 };
/** Somewhere without a button. */
const ASIDE = [700, 27] as const;

/** Short enough to be seen as a whole. */
const SCHEMA = [
	{
		collection: 'articles',
		fields: ['title', 'body', 'image', 'translations'],
		filter: { status: { _eq: 'published' } },
	},
	{ collection: 'authors', fields: ['name'] },
];

const instances = await start();
const [berlin, ...others] = instances;
await fillMagazine(berlin);
const counts = String(await countAll(berlin));
for (const place of others) {
	await waitFor(`all content in ${place.name}`, async () => String(await countAll(place)) === counts, {
		timeoutMs: 120_000,
	});
}

const [source] = await berlin.readItems(SOURCES, { filter: { name: { _eq: 'Lagos' } } });
await berlin.updateItem(SOURCES, String(source?.id), { schema: SCHEMA });

const browser = await startBrowser();
const page = await openStudio(browser, berlin, WINDOW);
await page.goto(`${berlin.url}/admin/content/${SOURCES}/${source?.id}`);
await page.getByText('"authors"').waitFor();
// The sidebar takes the form's room.
await page.locator('header button').last().click();
await mkdir(FOLDER, { recursive: true });

for (const colorScheme of ['light', 'dark'] as const) {
	await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
	await page.locator(`body.${colorScheme}`).waitFor();
	await page.mouse.move(...ASIDE);
	await page.evaluate('document.fonts.ready');
	const path = join(FOLDER, `remote-source-${colorScheme}.png`);
	await page.screenshot({ path, animations: 'disabled' });
	console.log(`  ${path}   ${Math.round((await stat(path)).size / 1000)} kB`);
}

await browser.close();
await Promise.all(instances.map((instance) => instance.destroy()));
process.exit();
