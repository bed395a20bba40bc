/**
 * JSON text with the keys of objects in one order. Without recursion, since databases hold values that nest deeper than
 * calls can, and one such value must not keep all others from being compared.
 */
import type { Json } from './digest.ts';

type Piece = { text: string } | { value: Json | undefined };

export function canonicalJson(root: Json): string {
	const written: string[] = [];
	/** What is still to be written, the next piece last. */
	const open: Piece[] = [{ value: root }];

	for (let piece = open.pop(); piece; piece = open.pop()) {
		if ('text' in piece) written.push(piece.text);
		else {
			const { value = null } = piece;
			if (value === null || typeof value !== 'object') written.push(JSON.stringify(value));
			else for (const each of piecesOf(value).reverse()) open.push(each);
		}
	}

	return written.join('');
}

function piecesOf(value: Json[] | { [key: string]: Json }): Piece[] {
	if (Array.isArray(value)) return [{ text: '[' }, ...separated(value.map((each) => [{ value: each }])), { text: ']' }];
	const members = sortedKeys(value).map((key) => [{ text: `${JSON.stringify(key)}:` }, { value: value[key] }]);
	return [{ text: '{' }, ...separated(members), { text: '}' }];
}

const separated = (members: Piece[][]): Piece[] =>
	members.flatMap((pieces, index) => (index === 0 ? pieces : [{ text: ',' }, ...pieces]));

/** As an object has them that got them sorted: JavaScript puts keys that are whole numbers first, by their value. */
function sortedKeys(value: object): string[] {
	const sorted = Object.create(null);
	for (const key of Object.keys(value).sort()) sorted[key] = true;
	return Object.keys(sorted);
}

/** Whether lists and objects lie deeper within each other than so many levels. */
export function isNestedDeeper(value: Json, levels: number): boolean {
	if (value === null || typeof value !== 'object') return false;
	if (levels === 0) return true;
	return Object.values(value).some((each) => isNestedDeeper(each, levels - 1));
}
