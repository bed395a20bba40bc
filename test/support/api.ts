/** A thin client for the REST API of an instance, as an administrator unless told otherwise. */
import { inspect } from 'node:util';

export type Item = Record<string, unknown>;
export type Key = string | number;
export type Answer<T> = { status: number; body: T; headers: Headers };

export type Api = {
	/** Any request. `token`: the administrator's when left out, nobody's when null. */
	api: <T = unknown>(method: string, path: string, body?: unknown, token?: string | null) => Promise<Answer<T>>;
	/** As `api`, but gives the answer's `data` and throws on any status but 2xx. */
	data: <T = unknown>(method: string, path: string, body?: unknown, token?: string | null) => Promise<T>;
	createItem: (collection: string, item: Item) => Promise<Item>;
	createItems: (collection: string, items: Item[]) => Promise<Item[]>;
	updateItem: (collection: string, key: Key, values: Item) => Promise<Item>;
	deleteItem: (collection: string, key: Key) => Promise<void>;
	/** The item, or null when there is none. */
	readItem: (collection: string, key: Key) => Promise<Item | null>;
	/** All items unless `query` limits them. `query` as in the REST API, values other than text as JSON. */
	readItems: (collection: string, query?: Record<string, unknown>) => Promise<Item[]>;
	createCollection: (name: string, fields: Item[], meta?: Item) => Promise<void>;
};

/** `url` is asked each time: an instance may move to another port before its first start succeeds. */
export function createApi(url: () => string, adminToken: string): Api {
	const api: Api['api'] = async <T>(
		method: string,
		path: string,
		body?: unknown,
		token: string | null = adminToken,
	) => {
		const headers: Record<string, string> = {};
		if (token !== null) headers.authorization = `Bearer ${token}`;
		if (body !== undefined) headers['content-type'] = 'application/json';

		const response = await fetch(new URL(path, url()), {
			method,
			headers,
			body: body === undefined ? null : JSON.stringify(body),
		});
		return { status: response.status, body: parse(await response.text()) as T, headers: response.headers };
	};

	const data: Api['data'] = async <T>(method: string, path: string, body?: unknown, token?: string | null) => {
		const answer = await api<{ data: T } | undefined>(method, path, body, token);
		if (answer.status >= 200 && answer.status < 300) return answer.body?.data as T;
		throw failure(method, path, answer);
	};

	return {
		api,
		data,
		createItem: (collection, item) => data('POST', pathOf(collection), item),
		createItems: (collection, items) => data('POST', pathOf(collection), items),
		updateItem: (collection, key, values) => data('PATCH', pathOf(collection, key), values),
		deleteItem: (collection, key) => data('DELETE', pathOf(collection, key)),
		readItem: async (collection, key) => {
			const path = pathOf(collection, key);
			const answer = await api<{ data: Item }>('GET', path);
			// Directus tells nobody, not even an administrator, that an item is missing: it forbids it.
			if (answer.status === 403 || answer.status === 404) return null;
			if (answer.status === 200) return answer.body.data;
			throw failure('GET', path, answer);
		},
		readItems: (collection, query = {}) => data('GET', `${pathOf(collection)}?${search({ limit: -1, ...query })}`),
		createCollection: async (name, fields, meta = {}) => {
			await data('POST', '/collections', { collection: name, schema: {}, meta, fields });
		},
	};
}

function pathOf(collection: string, key?: Key): string {
	const base = collection.startsWith('directus_') ? `/${collection.slice('directus_'.length)}` : `/items/${collection}`;
	return key === undefined ? base : `${base}/${encodeURIComponent(key)}`;
}

function search(query: Record<string, unknown>): URLSearchParams {
	const pairs = Object.entries(query).map(([key, value]) => [
		key,
		typeof value === 'object' ? JSON.stringify(value) : String(value),
	]);
	return new URLSearchParams(pairs);
}

function parse(text: string): unknown {
	if (text === '') return undefined;
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

function failure(method: string, path: string, answer: Answer<unknown>): Error {
	return new Error(`${method} ${path} answered ${answer.status}: ${inspect(answer.body, { depth: 6 })}`);
}
