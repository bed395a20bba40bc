import { describePorts } from '../conformance/suite.ts';
import { startPostgres } from '../support/postgres.ts';
import { createDirectusSubject } from './conformance.ts';

describePorts('on Directus with PostgreSQL', async () => {
	const postgres = await startPostgres();
	const subject = await createDirectusSubject({ postgres });
	const { end } = subject;
	return Object.assign(subject, {
		end: async () => {
			await end();
			await postgres.stop();
		},
	});
});
