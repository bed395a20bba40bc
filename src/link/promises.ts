/**
 * The path of a batch promises its receiver that the nodes on it are told by others, so that it need not pass the changes on. A
 * promise holds as long as the source works by which it is to be kept. When that ends, what its remote has not acknowledged is
 * told to all others again, without the promise; and so on, by those who had believed it and passed it on.
 *
 * A tells C by itself, and says so to B. A's source to C dies. A tells B again, and says nothing of C. So B tells C.
 */
import type { NodeId } from '../replication/timestamp.ts';
import type { Source } from '../sources/port.ts';
import type { SourceHealth } from './port.ts';

/** On the path of a row whose receivers are to believe no promise about it; never sent. */
export const UNPROMISED = '000000000000' as NodeId;

/** Whether a source is going to tell its remote what is promised. An outage that users are told of is no passing one. */
export const isKept = (source: Source, { notifiedAt }: Pick<SourceHealth, 'notifiedAt'>): boolean =>
	source.published && source.configurationError === null && notifiedAt === null;

/** A row as if nobody had it; but that no promise about it is to be believed stays. */
export const ofNobody = <Row extends { path: NodeId[] }>(row: Row): Row => ({
	...row,
	path: row.path.filter((node) => node === UNPROMISED),
});
