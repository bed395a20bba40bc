/** With one of the two switches on, setup creates nothing, says so once, and Directus works as ever. */
import { afterEach, expect, test } from 'vitest';
import { createContent } from '../support/content.ts';
import { type Instance, startInstance } from '../support/instance.ts';

let instance: Instance;

afterEach(() => instance.destroy());

test.each(['DATA_SYNC_DISABLE_SCHEMA_CHANGE', 'DISABLE_EXTENSION_SCHEMA_CHANGE'])('%s', async (name) => {
	instance = await startInstance({ name: 'switched-off', env: { [name]: 'true' }, awaitSetup: false });
	const tables = await instance.sql<{ name: string }>("select name from sqlite_master where name like 'data_sync%'");
	expect(tables).toEqual([]);
	expect(await instance.sql('select * from directus_flows')).toEqual([]);
	expect(await instance.sql("select * from directus_users where first_name = 'Data Sync'")).toEqual([]);
	expect(await instance.sql("select * from directus_policies where name = 'Data Sync'")).toEqual([]);

	const lines = (await instance.log()).split('\n').filter((line) => line.includes('Data Sync'));
	expect(lines).toHaveLength(1);
	expect(lines[0]).toContain(name);
	expect(lines[0]).toContain('data_sync_remote_sources');

	const { status, body } = await instance.api<{ errors: { message: string }[] }>('GET', '/data-sync/info');
	expect(status).toBe(503);
	expect(body.errors[0]?.message).toMatch(/tables are missing/);
	expect((await instance.api('GET', '/data-sync/status')).status).toBe(503);

	await createContent(instance);
	const { id } = await instance.createItem('articles', { title: 'Saved all the same' });
	await instance.updateItem('articles', id as string, { title: 'And updated' });
	await instance.deleteItem('articles', id as string);
	const stack = (await instance.log()).split('\n').filter((line) => /error|data.sync/i.test(line));
	expect(stack).toHaveLength(1);

	if (name !== 'DATA_SYNC_DISABLE_SCHEMA_CHANGE') return;
	delete instance.env[name];
	await instance.stop();
	await instance.start();
	expect((await instance.api('GET', '/data-sync/info')).status).toBe(200);

	// With everything in place the switch changes nothing: Data Sync runs, and has nothing to say.
	instance.env[name] = 'true';
	await instance.stop();
	const logged = (await instance.log()).length;
	await instance.start();
	expect((await instance.api('GET', '/data-sync/info')).status).toBe(200);
	expect((await instance.log()).slice(logged)).not.toContain('Data Sync');
});

test('a table that an update would add is one line as well, and nothing runs that needs it', async () => {
	instance = await startInstance({ name: 'updated', awaitSetup: false });
	await instance.stop();
	await instance.sql('drop table data_sync_leases');
	instance.env.DATA_SYNC_DISABLE_SCHEMA_CHANGE = 'true';
	const logged = (await instance.log()).length;
	await instance.start();
	const added = (await instance.log()).slice(logged);
	const lines = added.split('\n').filter((line) => line.includes('Data Sync'));
	expect(lines).toHaveLength(1);
	expect(lines[0]).toContain('missing: table data_sync_leases.');
	expect((await instance.api('GET', '/data-sync/info')).status).toBe(503);
});
