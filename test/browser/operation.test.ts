import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PUSH_FLOW_ID, PUSH_OPERATION_ID, SOURCES } from '../../schema.ts';
import { parseOptions } from '../../src/operations/sync-to-remotes/options.ts';
import type { Item } from '../support/api.ts';
import { openStudio, startBrowser } from '../support/browser.ts';
import { textKey } from '../support/fields.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { waitFor } from '../support/wait-for.ts';

describe('the operation in the Flows editor', () => {
	let instance: Instance;
	let browser: Browser;
	let page: Page;
	let source: string;

	beforeAll(async () => {
		instance = await startInstance({ name: 'studio' });
		await instance.createCollection('articles', [textKey()]);
		const created = await instance.createItem(SOURCES, {
			name: 'Production',
			url: 'https://production.example.com',
			api_key: 'a-key',
			status: 'draft',
			schema: [{ collection: 'articles', fields: ['title'] }],
		});
		source = String(created.id);
		browser = await startBrowser();
		page = await openStudio(browser, instance);
	});

	afterAll(async () => {
		await browser?.close();
		await instance?.destroy();
	});

	test('says in its overview what it will do', async () => {
		await page.goto(`${instance.url}/admin/settings/flows/${PUSH_FLOW_ID}`);
		await page.getByText('Items that triggered this Flow').waitFor();
		await page.getByText('All published sources').waitFor();
	});

	test('can be set to chosen items and sources, and is stored as the server reads it', async () => {
		await page.goto(`${instance.url}/admin/settings/flows/${PUSH_FLOW_ID}/${PUSH_OPERATION_ID}`);
		const dialog = page.locator('#dialog-outlet');
		const menu = page.locator('#menu-outlet');
		const dropdowns = dialog.locator('.v-select .v-input');

		await dropdowns.first().click();
		await menu.getByText('Selected items of a collection').click();
		await dropdowns.nth(1).click();
		await menu.getByText('Articles').click();
		await dialog.getByPlaceholder('Primary keys').fill('first');
		await page.keyboard.press('Enter');
		await dropdowns.last().click();
		await menu.getByText('Some sources').click();
		await dialog.getByRole('button', { name: 'Select Item' }).click();
		await dialog.getByText('Production', { exact: true }).click();
		await dialog.getByRole('button', { name: 'Save' }).click();
		await dialog.getByRole('button', { name: 'Done' }).click();
		await page.getByRole('button', { name: 'Save' }).click();

		const options = await waitFor('the operation is saved', async () => {
			const stored = await instance.data<Item>('GET', `/operations/${PUSH_OPERATION_ID}`);
			return (stored.options as Item).what === 'selected' ? (stored.options as Item) : null;
		});
		expect(parseOptions(options)).toEqual({
			ok: true,
			options: { what: 'selected', collection: 'articles', items: ['first'], sources: [source] },
		});
	});
});
