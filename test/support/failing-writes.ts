/** Makes writes to one table fail, by a trigger: a step of the extension that never happens, as if it had died before it. */
import type { Instance } from './instance.ts';

export type FailingWrites = { lift: () => Promise<void> };

let created = 0;

/** @param when a condition on the written row, `new` */
export async function failWrites(
	instance: Instance,
	table: string,
	events: ('insert' | 'update' | 'delete')[],
	when = '1 = 1',
): Promise<FailingWrites> {
	created += 1;
	const name = `held_by_a_test_${created}`;
	const statements: string[] = [];

	if (instance.env.DB_CLIENT === 'pg') {
		await instance.sql(
			`create function ${name}() returns trigger language plpgsql as $$ begin raise exception 'held by a test'; end $$`,
		);
		for (const event of events) {
			await instance.sql(
				`create trigger ${name}_${event} before ${event} on ${table} for each row when (${when}) execute function ${name}()`,
			);
		}
		statements.push(`drop function ${name}() cascade`);
	} else {
		for (const event of events) {
			await instance.sql(
				`create trigger ${name}_${event} before ${event} on ${table} when ${when} begin select raise(abort, 'held by a test'); end`,
			);
			statements.push(`drop trigger ${name}_${event}`);
		}
	}

	return {
		lift: async () => {
			for (const statement of statements) await instance.sql(statement);
		},
	};
}
