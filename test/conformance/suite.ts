/**
 * The conformance suite: what delivery counts on, whoever implements its ports. The simulator plays the ports in memory;
 * because they pass the same tests as those on Directus, what it finds holds for real.
 */
import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { describeApply } from './apply.ts';
import { describeCheckpoints } from './checkpoints.ts';
import { describeDeliveries } from './deliveries.ts';
import { describeFeed } from './feed.ts';
import { describeItems } from './items.ts';
import { describeLeases } from './leases.ts';
import { describeRetention } from './retention.ts';
import type { Subject, TableSubject } from './subject.ts';

/** Tests all ports. */
export function describePorts(name: string, make: () => Promise<Subject>): void {
	describe(`ports ${name}`, () => {
		const subject = useSubject(make);
		describeFeed(subject);
		describeCheckpoints(subject);
		describeLeases(subject);
		describeRetention(subject);
		describeItems(subject);
		describeDeliveries(subject);
		describeApply(subject);
	});
}

/** Tests those that need nothing of Directus. */
export function describeTables(name: string, make: () => Promise<TableSubject>): void {
	describe(`ports ${name}`, () => {
		const subject = useSubject(make);
		describeFeed(subject);
		describeCheckpoints(subject);
		describeLeases(subject);
		describeRetention(subject);
	});
}

function useSubject<T extends TableSubject>(make: () => Promise<T>): () => T {
	let subject: T;
	beforeAll(async () => {
		subject = await make();
	});
	beforeEach(() => subject.reset());
	afterAll(() => subject?.end());
	return () => subject;
}
