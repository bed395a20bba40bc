import type { Ref } from '../content/port.ts';
import type { Warning } from '../link/port.ts';
import type { Source } from '../sources/port.ts';
import type { ResultCode } from '../wire/result.ts';

export type DeliveryStatus = 'pending' | 'failed';

export type Delivery = Ref & {
	status: DeliveryStatus;
	code: ResultCode;
	message: string;
	attempts: number;
	nextAttemptAt: number | null;
};

export type DeliveriesPort = {
	/** Of these items, or all of the source. */
	read(source: string, refs?: Ref[]): Promise<Delivery[]>;
	put(source: string, deliveries: Delivery[]): Promise<void>;
	clear(source: string, refs: Ref[]): Promise<void>;
	/** Makes deliveries (null: all) pending and due now, by their own ids; returns the sources they belong to. */
	retry(ids: string[] | null): Promise<{ count: number; sources: string[] }>;
	/** Makes all deliveries of sources due now, whatever their status: the sources have been configured anew. */
	makeDue(sources: string[]): Promise<void>;
};

export type NotifyPort = {
	outage(source: Source, since: number, error: string): Promise<void>;
	recovered(source: Source, since: number): Promise<void>;
	refused(source: Source, failed: number, example: Delivery): Promise<void>;
	leftOut(source: Source, warnings: Warning[]): Promise<void>;
	/** Deletions have been forgotten that the remote does not know of. `todo` says what to do. */
	incomplete(source: Source, todo: string): Promise<void>;
};

export type DeliveriesDep = { deliveries: DeliveriesPort };
export type NotifyDep = { notify: NotifyPort };
