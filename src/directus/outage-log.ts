/** Says once that something of ours fails, not at each save, and once that it works again. */
export type Log = { info(message: string): void; warn(message: string): void };

export type OutageLog = { failed(error: unknown): void; worked(): void };

/** @param what the sentence to begin with; the cause follows */
export function createOutageLog(log: Log, what: string): OutageLog {
	let failing = false;

	return {
		failed: (error) => {
			if (failing) return;
			failing = true;
			log.warn(`Data Sync: ${what}: ${error instanceof Error ? error.message : String(error)}`);
		},
		worked: () => {
			if (failing) log.info('Data Sync: what failed before works again.');
			failing = false;
		},
	};
}
