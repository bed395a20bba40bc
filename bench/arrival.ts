/** Waits, in short steps, until a remote holds what it should. Reading is by SQL, so that it costs the remote little. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Instance } from '../test/support/instance.ts';
import { COLLECTION } from './articles.ts';

const STEP = 2;
const PATIENCE = 60_000;

export async function untilCount(
	instance: Instance,
	where: string,
	parameters: string[],
	count: number,
): Promise<void> {
	const deadline = performance.now() + PATIENCE;

	while (performance.now() < deadline) {
		const [row] = await instance.sql<{ count: number | string }>(
			`select count(*) as count from ${COLLECTION} where ${where}`,
			parameters,
		);
		if (Number(row?.count) === count) return;
		await wait(STEP);
	}

	throw new Error(`${instance.name} does not hold ${count} items where ${where} after ${PATIENCE / 1000} s`);
}
