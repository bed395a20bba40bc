/** What the check needs of the two instances. */

import type { ItemsPort } from '../content/port.ts';
import type { NodeId } from '../replication/timestamp.ts';
import type { Source } from '../sources/port.ts';
import type { Introduction } from '../wire/info.ts';
import type { RemoteError } from '../wire/remote-error.ts';
import type { NodeShape, PermissionAction, ShapeRequest } from '../wire/shapes.ts';

/** The first request to a remote. */
export type Meeting = Introduction | { outcome: 'failed'; error: RemoteError };
/** The one that makes all further questions possible. */
export type Met = Extract<Meeting, { outcome: 'met' }>;

/** What a user may do in a collection, as Directus itself answers. */
export type Access = {
	/** partial: only in items that match a rule. */
	access: 'none' | 'partial' | 'full';
	/** `*` stands for all. */
	fields: readonly string[];
};
export type CollectionAccess = Readonly<Record<PermissionAction, Access>>;

export type RemotePort = {
	/** Never rejects. */
	meet(source: Source): Promise<Meeting>;
	/** Shapes of those collections that exist, by name. Rejects with a RemoteError. */
	shapes(source: Source, requests: ShapeRequest[], maxPayloadBytes: number): Promise<Map<string, NodeShape>>;
	/** The rights of the key's user, by collection. Rejects with a RemoteError. */
	permissions(source: Source): Promise<Map<string, CollectionAccess>>;
};

export type FlowState = 'active' | 'inactive' | 'missing';

/** This instance. */
export type OwnPort = {
	node: NodeId;
	version: string;
	directus(): Promise<string | null>;
	shapes(requests: ShapeRequest[]): Promise<Map<string, NodeShape>>;
	flows(): Promise<{ push: FlowState; resync: FlowState }>;
};

export type CheckDeps = { own: OwnPort; items: ItemsPort; remote: RemotePort };
