/**
 * The text of a JSON value with the keys of its objects in order. Without recursion: databases keep JSON that is nested
 * deeper than a stack is, and one such value must not fail whoever compares items.
 */

/** An object or a list whose text has begun. */
type Open = { keys: string[] | null; values: Readonly<Record<string, unknown>>; size: number; at: number };

/** Equal texts mean equal values. Parts that JSON does not know are null, or left out, as by `JSON.stringify`. */
export function sortedJson(value: unknown): string {
	const open: Open[] = [];
	let text = begin(value, open);

	for (let inner = open.at(-1); inner !== undefined; inner = open.at(-1)) {
		if (inner.at === inner.size) {
			text += inner.keys ? '}' : ']';
			open.pop();
			continue;
		}

		const key = inner.keys?.[inner.at];
		const next = inner.values[key ?? inner.at];
		if (inner.at > 0) text += ',';
		if (key !== undefined) text += `${JSON.stringify(key)}:`;
		inner.at += 1;
		text += begin(next, open);
	}

	return text;
}

function begin(value: unknown, open: Open[]): string {
	if (Array.isArray(value)) {
		open.push({ keys: null, values: value as unknown as Open['values'], size: value.length, at: 0 });
		return '[';
	}

	if (value !== null && typeof value === 'object') {
		const keys = keysInOrder(value);
		open.push({ keys, values: value as Open['values'], size: keys.length, at: 0 });
		return '{';
	}

	return typeof value === 'bigint' ? `"${value}"` : (JSON.stringify(value) ?? 'null');
}

/** Keys that look like an index come first, by their number, as engines list them: so it is in all digests there are. */
function keysInOrder(value: object): string[] {
	const keys = Object.keys(value).sort();
	if (!keys.some((key) => /^\d/.test(key))) return keys;
	return Object.keys(Object.fromEntries(keys.map((key) => [key, null])));
}
