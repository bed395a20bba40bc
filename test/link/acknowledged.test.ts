import { describe, expect, it } from 'vitest';
import { acknowledgedBy } from '../../src/link/acknowledged.ts';
import type { NodeId } from '../../src/replication/timestamp.ts';
import { nodeId, source } from '../support/memory/node.ts';

const listing = (collection: string, options: object = {}) => ({
	schema: [{ collection, fields: ['title'], ...options }],
});
const NODE = nodeId(2);
const at = (seq: number, node: NodeId | null = NODE) => ({ progress: { seq }, link: { node } });

describe('acknowledged', () => {
	it('is what all sources to a node have told that list the collection', () => {
		const acknowledged = acknowledgedBy(
			new Map([
				[source('fast', listing('articles')), at(9)],
				[source('slow', listing('articles')), at(4)],
				[source('other', listing('pages')), at(2)],
				[source('elsewhere', listing('articles')), at(1, nodeId(3))],
			]),
		);
		expect(acknowledged(NODE, 'articles')).toBe(4);
		expect(acknowledged(NODE, 'pages')).toBe(2);
	});

	it('is nothing where the node is not told of the collection, or not of all of it', () => {
		const acknowledged = acknowledgedBy(
			new Map([
				[source('all', listing('articles')), at(9)],
				[source('some', listing('articles', { filter: { title: { _eq: 'A' } } })), at(9)],
				[source('empty', { schema: [] }), at(9)],
				[source('nowhere', listing('pages')), at(9, null)],
			]),
		);
		expect(acknowledged(NODE, 'articles')).toBe(-1);
		expect(acknowledged(NODE, 'pages')).toBe(-1);
	});
});
