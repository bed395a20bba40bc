/** What the steps look at. Each thing is asked for once, when the first step needs it. */

import type { ItemsPort } from '../content/port.ts';
import { isSyncableCollection } from '../content/syncable.ts';
import type { Source } from '../sources/port.ts';
import type { Introduction } from '../wire/info.ts';
import type { NodeShape, ShapeRequest } from '../wire/shapes.ts';
import type { CheckDeps, CollectionAccess, Meeting, Met, OwnPort } from './port.ts';

/** By collection. */
export type Shapes = ReadonlyMap<string, NodeShape>;

export type Facts = {
	source: Source;
	own: OwnPort;
	items: ItemsPort;
	/** How the listed collections look here. */
	shapesHere(): Promise<Shapes>;
	/** The first request to the remote. */
	meeting(): Promise<Meeting>;
	/** What the remote has said of itself. For steps that need "user". */
	introduction(): Promise<Introduction>;
	/** The same, from a node of our protocol. For steps that need "versions". */
	met(): Promise<Met>;
	/** How the listed collections look there, and those that they refer to. Rejects with a RemoteError. */
	shapesThere(): Promise<Shapes>;
	/** What the Data Sync user may do there. Rejects with a RemoteError. */
	permissionsThere(): Promise<ReadonlyMap<string, CollectionAccess>>;
};

export function createFacts({ own, items, remote }: CheckDeps, source: Source): Facts {
	const listed = [...source.listing.values()].map(({ collection, fields }) => ({ collection, fields }));
	const meeting = once(() => remote.meet(source));

	const introduction = async (): Promise<Introduction> => {
		const first = await meeting();
		if (first.outcome === 'failed') throw new Error('This step needs a remote that has answered: see its needs.');
		return first;
	};
	const met = async (): Promise<Met> => {
		const first = await meeting();
		if (first.outcome !== 'met') throw new Error('This step needs a remote of our protocol: see its needs.');
		return first;
	};

	return {
		source,
		own,
		items,
		shapesHere: once(() => own.shapes(listed)),
		meeting,
		introduction,
		met,
		shapesThere: once(async () => {
			const { info } = await met();
			return remote.shapes(source, [...listed, ...referredTo(source)], info.limits.payload);
		}),
		permissionsThere: () => remote.permissions(source),
	};
}

/** Collections that listed items refer to and that are not listed; of those only whether they exist is asked. */
function referredTo({ expansion }: Source): ShapeRequest[] {
	const targets = new Set((expansion?.unlisted ?? []).flatMap(({ to }) => to));
	return [...targets].filter(isSyncableCollection).map((collection) => ({ collection, fields: [] }));
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
	let asked: Promise<T> | undefined;
	return () => {
		asked ??= ask();
		return asked;
	};
}
