/** One text per key: whoever writes an item may name it in several ways (`/items/pages/007`), and all mean one feed row. */
import type { CollectionShape } from './port.ts';
import { SINGLETON } from './singleton.ts';

/** The key as the database would give it back; a singleton's common name. Texts that can't be a key stay as they are. */
export function keyText({ keyType, keyIsCaseless, isSingleton }: CollectionShape, item: string): string {
	if (isSingleton) return SINGLETON;
	if (keyType === 'integer' || keyType === 'bigInteger') return wholeNumber(item);
	if (keyType === 'uuid' && keyIsCaseless) return item.toLowerCase();
	return item;
}

function wholeNumber(text: string): string {
	if (/^\s*[+-]?\d+\s*$/.test(text)) return BigInt(text.trim().replace(/^\+/, '')).toString();
	const number = Number(text);
	return text.trim() !== '' && Number.isSafeInteger(number) ? String(number) : text;
}
