/** Field definitions as `POST /collections` takes them, for the handful of kinds tests and the demo need. */
import type { Item } from './api.ts';

type Meta = Item;

export function uuidKey(name = 'id'): Item {
	return field(name, 'uuid', { special: ['uuid'], interface: 'input', hidden: true, readonly: true }, primary());
}

export function autoIncrementKey(name = 'id'): Item {
	return field(name, 'integer', { hidden: true, readonly: true }, { ...primary(), has_auto_increment: true });
}

/** A key people choose, such as a code or a slug. */
export function textKey(name = 'id'): Item {
	return field(name, 'string', { interface: 'input', required: true }, { ...primary(), length: 255 });
}

export function text(name: string, meta: Meta = {}): Item {
	return field(name, 'string', { interface: 'input', ...meta });
}

export function longText(name: string, meta: Meta = {}): Item {
	return field(name, 'text', { interface: 'input-multiline', ...meta });
}

export function integer(name: string, meta: Meta = {}): Item {
	return field(name, 'integer', { interface: 'input', ...meta });
}

export function decimal(name: string, meta: Meta = {}): Item {
	return field(name, 'decimal', { interface: 'input', ...meta }, { numeric_precision: 12, numeric_scale: 4 });
}

export function boolean(name: string, meta: Meta = {}): Item {
	return field(name, 'boolean', { interface: 'boolean', special: ['cast-boolean'], ...meta });
}

export function json(name: string, meta: Meta = {}): Item {
	return field(name, 'json', { interface: 'input-code', special: ['cast-json'], ...meta });
}

export function timestamp(name: string, meta: Meta = {}): Item {
	return field(name, 'timestamp', { interface: 'datetime', ...meta });
}

/** The column of a many-to-one relation; `relate` adds the relation itself. */
export function reference(name: string, type: 'uuid' | 'integer' | 'string', meta: Meta = {}): Item {
	return field(name, type, { interface: 'select-dropdown-m2o', special: ['m2o'], ...meta });
}

export function field(name: string, type: string, meta: Meta = {}, schema: Item = {}): Item {
	return { field: name, type, meta, schema };
}

function primary(): Item {
	return { is_primary_key: true, is_nullable: false };
}
