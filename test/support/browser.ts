/** A real Chromium, from its npm package, signed in to an instance's Data Studio as its administrator. */
import chromium from '@sparticuz/chromium';
import { type Browser, type BrowserContextOptions, type Page, chromium as playwright } from 'playwright-core';
import { ADMIN } from './admin.ts';
import type { Instance } from './instance.ts';

const QUIET = [
	'--no-sandbox',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--no-first-run',
	'--disable-gpu',
];

/** A busy machine takes its time to draw; the test itself waits for what it wants to see. */
const PATIENCE = 90_000;

export async function startBrowser(): Promise<Browser> {
	return playwright.launch({ executablePath: await chromium.executablePath(), headless: true, args: QUIET });
}

/** Opens the Studio and puts away the dialog that greets a new instance, as a person would. */
export async function openStudio(
	browser: Browser,
	instance: Pick<Instance, 'url'>,
	options: BrowserContextOptions = {},
): Promise<Page> {
	const window = { viewport: { width: 1400, height: 1000 }, reducedMotion: 'reduce' } as const;
	const page = await browser.newPage({ ...window, ...options });
	page.setDefaultTimeout(PATIENCE);
	await page.goto(`${instance.url}/admin/login`);
	await page.fill('input[type=email]', ADMIN.email);
	await page.fill('input[type=password]', ADMIN.password);
	await page.click('button[type=submit]');
	await page.getByRole('button', { name: 'Skip' }).click();
	return page;
}
