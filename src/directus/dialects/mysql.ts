/** MySQL and MariaDB. */
import type { DatabaseFault, Dialect } from './dialect.ts';

const FAULTS: Readonly<Record<string, DatabaseFault>> = {
	ER_LOCK_DEADLOCK: 'busy',
	ER_LOCK_WAIT_TIMEOUT: 'busy',
	ER_DUP_ENTRY: 'not_unique',
	ER_ROW_IS_REFERENCED_2: 'foreign_key',
	ER_NO_REFERENCED_ROW_2: 'foreign_key',
};

export const mysql: Dialect = {
	faultOf: ({ code }) => (typeof code === 'string' && Object.hasOwn(FAULTS, code) ? (FAULTS[code] ?? null) : null),
	isFaultOfQuery: ({ sqlState }) => typeof sqlState === 'string' && /^(22|42)[0-9A-Z]{3}$/.test(sqlState),
	proposed: (column) => `values(${column})`,
	// Only for a whole session, which goes back to the pool; its default is 50 seconds.
	limitLockWaits: null,
	// Its plain text ends at 64 kB.
	textType: 'longtext',
	advanceSequence: null,
	exact: null,
	readsGeometry: () => Promise.resolve(true),
};
