/** Directus filter rules as data: which related collections a rule looks at, and how to hang one rule on a relation. */
import { type Model, type ModelRelation, relationBehind, relationOf } from './model.ts';

export type Filter = Record<string, unknown>;

/** A related collection that a filter rule looks at, and by which way. */
export type FilterPath = {
	/** The relational keys from the filtered collection on, as the rule has them. */
	path: string[];
	/** Where they lead. */
	collection: string;
	/** What the rule looks at there, the columns included that make the relation; null: at the mere number of items. */
	fields: string[];
};

const LOGICAL = new Set(['_and', '_or']);
const QUANTIFIERS = new Set(['_some', '_none']);

/** Every relation that the rule follows, each with the fields it looks at there. Unknown keys lead nowhere. */
export function filterPaths(model: Model, collection: string, filter: Filter): FilterPath[] {
	const found = new Map<string, FilterPath>();
	walk(model, collection, filter, [], found);
	return [...found.values()];
}

function walk(model: Model, collection: string, filter: Filter, path: string[], found: Map<string, FilterPath>): void {
	for (const [key, value] of Object.entries(filter)) {
		if (LOGICAL.has(key)) {
			for (const each of Array.isArray(value) ? value : []) walk(model, collection, toRule(each), path, found);
		} else if (QUANTIFIERS.has(key)) {
			walk(model, collection, toRule(value), path, found);
		} else if (!key.startsWith('_')) {
			const step = follow(model, collection, key);
			if (!step) note(found, path, collection, [columnOf(key)]);
			else {
				if (step.isColumn) note(found, path, collection, [step.relation.field]);
				const further = [...path, step.key];
				// Which items are related changes with the column at the other end, too.
				note(found, further, step.collection, step.isColumn ? [] : [step.relation.field]);
				walk(model, step.collection, toRule(value), further, found);
			}
		}
	}
}

/** Notes fields looked at; those of the filtered collection itself (no path) are no business of a path. */
function note(found: Map<string, FilterPath>, path: string[], collection: string, fields: string[]): void {
	if (path.length === 0) return;
	const id = path.join('.');
	const known = found.get(id) ?? { path, collection, fields: [] };
	found.set(id, { ...known, fields: [...new Set([...known.fields, ...fields])] });
}

type Step = {
	key: string;
	collection: string;
	relation: ModelRelation;
	/** The relation's column is on this side. */
	isColumn: boolean;
};

/** `author`, `translations`, `item:section_texts`, `count(comments)`, `$FOLLOW(articles,image)`. */
function follow(model: Model, collection: string, key: string): Step | null {
	const implicit = /^\$FOLLOW\(([^,]+),([^,)]+)/.exec(key);
	if (implicit) {
		const relation = relationOf(model, implicit[1] ?? '', implicit[2] ?? '');
		return relation ? { key, collection: relation.collection, relation, isColumn: false } : null;
	}

	const [name = '', scope] = columnOf(key).split(':');
	const column = relationOf(model, collection, name);
	const target = column?.to ?? scope;
	if (column && target)
		return { key: scope ? `${name}:${scope}` : name, collection: target, relation: column, isColumn: true };
	const alias = relationBehind(model, collection, name);
	return alias ? { key: name, collection: alias.collection, relation: alias, isColumn: false } : null;
}

/** The column that a function looks at: `published_at` of `year(published_at)`. */
const columnOf = (key: string): string => /^[a-z_]+\(([^,)]+)/i.exec(key)?.[1]?.trim() ?? key;

const toRule = (value: unknown): Filter => (typeof value === 'object' && value !== null ? (value as Filter) : {});

/**
 * The rule for items whose related item, by a reference of theirs, matches `filter`. Null when Directus has no words for
 * it: `_none` works at the top of a rule only. (`_some` can be left out below the top: there it is what is meant anyway.)
 */
export function onReference(key: string, filter: Filter): Filter | null {
	const nested = withoutQuantifiers(filter);
	return nested && { [key]: nested };
}

function withoutQuantifiers(filter: Filter): Filter | null {
	const rules: Filter[] = [];

	for (const [key, value] of Object.entries(filter)) {
		if (key === '_none') return null;
		if (LOGICAL.has(key)) {
			const parts = (Array.isArray(value) ? value : []).map((each) => withoutQuantifiers(toRule(each)));
			if (parts.includes(null)) return null;
			rules.push({ [key]: parts });
		} else if (key.startsWith('_') && key !== '_some') {
			rules.push({ [key]: value });
		} else {
			const part = isPlain(value) ? withoutQuantifiers(value as Filter) : value;
			if (part === null && value !== null) return null;
			rules.push(key === '_some' ? (part as Filter) : { [key]: part });
		}
	}

	return all(rules);
}

const isPlain = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** All of the rules; one without another around it, so that what is compared as text stays short. */
export function all(rules: Filter[]): Filter {
	return rules.length === 1 && rules[0] ? rules[0] : { _and: rules };
}

/** Items related, by a path of a rule, to those that match. */
export function atPath(path: string[], filter: Filter): Filter {
	return path.reduceRight<Filter>((inner, key) => ({ [key]: inner }), filter);
}
