/**
 * Everything that setup installs, as plain data: this file is the one definition of it and imports nothing, so that
 * setup, tests and anyone who creates the tables by hand read the same words. Setup creates what is missing and never
 * changes what exists; so a change here reaches only new installs, and a new field or column only as an addition.
 */

/** The predecessor's ids, so that its users upgrade in place. */
export const POLICY_ID = '2e76994c-a4eb-47ac-b811-e4692ad9de5e';
export const USER_ID = '7c6b6863-d298-453d-a192-4a343eb7ddd3';
export const ACCESS_ID = 'c40c6bec-bfaf-4b22-8045-bbfb42081c2a';

export const PUSH_FLOW_ID = '39fd336f-5e60-4ab0-ab00-f9046faa3fc7';
export const PUSH_OPERATION_ID = '53eece4a-a615-4df2-9bcc-6c310602785e';
export const RESYNC_FLOW_ID = '43627ac8-b3a9-4454-858b-7a4cb965bf6e';
export const RESYNC_OPERATION_ID = '4846bc57-c389-4531-8ce6-0b50574f07ee';
export const OPERATION_TYPE = 'sync-to-remotes';

export const SOURCES = 'data_sync_remote_sources';
export const SOURCES_USERS = 'data_sync_remote_sources_directus_users';
export const DELIVERIES = 'data_sync_deliveries';

export const CHANGES = 'data_sync_changes';
export const WRITES = 'data_sync_writes';
export const CHECKPOINTS = 'data_sync_checkpoints';
export const LEASES = 'data_sync_leases';
export const CONFLICTS = 'data_sync_conflicts';
export const LINKS = 'data_sync_links';
export const STATE = 'data_sync_state';
export const FILE_OBJECTS = 'data_sync_files';

export type FieldDefinition = {
	field: string;
	type: 'alias' | 'integer' | 'json' | 'string' | 'text' | 'timestamp' | 'uuid';
	/** The column; an alias has none. */
	schema?: {
		is_primary_key?: boolean;
		has_auto_increment?: boolean;
		is_nullable?: boolean;
		max_length?: number;
		default_value?: string | number;
	};
	/** How Data Studio shows it, in Directus' own words (directus_fields). */
	meta: {
		interface?: string;
		options?: Record<string, unknown>;
		display?: string;
		display_options?: Record<string, unknown>;
		special?: string[];
		width?: 'half' | 'full';
		sort?: number;
		note?: string;
		required?: boolean;
		readonly?: boolean;
		hidden?: boolean;
		searchable?: boolean;
		conditions?: { name: string; rule: Record<string, unknown>; hidden?: boolean }[];
	};
};

export type CollectionDefinition = {
	collection: string;
	/** In Directus' own words (directus_collections). */
	meta: Record<string, string | boolean | number | null>;
	/** The columns of its list in Data Studio with their widths in pixels, and what it is sorted by. */
	list?: { columns: Record<string, number>; sort: string };
	fields: FieldDefinition[];
};

export type RelationDefinition = {
	collection: string;
	field: string;
	related_collection: string;
	schema: { on_delete: 'CASCADE' };
	meta: { one_field: string | null; junction_field: string | null; one_deselect_action: 'nullify' | 'delete' };
};

/** Types are knex schema builder methods. A column is NOT NULL unless `nullable`, and has no default unless it says so. */
export type ColumnDefinition = {
	name: string;
	type: 'string' | 'text' | 'integer' | 'bigInteger' | 'bigIncrements';
	length?: number;
	nullable?: boolean;
	default?: number;
	index?: boolean;
};

/** One primary key column each: Directus logs a warning at every reading of its schema for a table with none or two. */
export type TableDefinition = { name: string; primary: string; unique?: string[]; columns: ColumnDefinition[] };

const label = (text: string, value: string, color: string, background: string) => ({
	text,
	value,
	color,
	foreground: color,
	background,
});

const sourceStates = [
	label('$t:published', 'published', 'var(--theme--primary)', 'var(--theme--primary-background)'),
	label('$t:draft', 'draft', 'var(--theme--foreground)', 'var(--theme--background-normal)'),
	label('$t:archived', 'archived', 'var(--theme--warning)', 'var(--theme--warning-background)'),
];

const deliveryStates = [
	label('Pending', 'pending', 'var(--theme--warning)', 'var(--theme--warning-background)'),
	label('Failed', 'failed', 'var(--theme--danger)', 'var(--theme--danger-background)'),
];

const choices = (states: ReturnType<typeof label>[]) => ({
	interface: 'select-dropdown',
	options: { choices: states.map(({ text, value, color }) => ({ text, value, color })) },
	display: 'labels',
	display_options: { choices: states },
});

const uuidKey: FieldDefinition = {
	field: 'id',
	type: 'uuid',
	schema: { is_primary_key: true, is_nullable: false },
	meta: { interface: 'input', special: ['uuid'], readonly: true, hidden: true, sort: 1 },
};

const relativeDate = {
	interface: 'datetime',
	options: { relative: true },
	display: 'datetime',
	display_options: { relative: true },
	readonly: true,
};

const userTemplate = '{{directus_users_id.first_name}} {{directus_users_id.last_name}}';

const sources: CollectionDefinition = {
	collection: SOURCES,
	meta: {
		icon: 'sync_alt',
		color: '#6644FF',
		note: 'The Directus instances that content is synced to',
		display_template: '{{ name }}',
		archive_field: 'status',
		archive_value: 'archived',
		unarchive_value: 'draft',
		archive_app_filter: true,
		accountability: 'all',
	},
	list: { columns: { name: 200, status: 140, url: 260, last_synced_at: 160, last_error: 320 }, sort: 'name' },
	fields: [
		uuidKey,
		{
			field: 'name',
			type: 'string',
			schema: { max_length: 255 },
			meta: {
				interface: 'input',
				options: { trim: true, iconRight: 'label', placeholder: 'Production website' },
				required: true,
				width: 'half',
				sort: 2,
				note: 'How you call this remote',
			},
		},
		{
			field: 'status',
			type: 'string',
			schema: { max_length: 255, default_value: 'draft', is_nullable: false },
			meta: {
				...choices(sourceStates),
				width: 'half',
				sort: 3,
				note: 'Only published sources sync. One that was paused continues where it stopped',
			},
		},
		{
			field: 'url',
			type: 'string',
			schema: { max_length: 255 },
			meta: {
				interface: 'input',
				options: { trim: true, iconRight: 'link', placeholder: 'https://cms.example.com' },
				required: true,
				width: 'half',
				sort: 4,
				note: "The remote's address, as in its PUBLIC_URL",
			},
		},
		{
			field: 'api_key',
			type: 'text',
			meta: {
				interface: 'input-hash',
				options: { masked: true, autocomplete: 'off', iconRight: 'lock', placeholder: 'Static token' },
				special: ['encrypt'],
				required: true,
				searchable: false,
				width: 'half',
				sort: 5,
				note: 'The static token of the user "Data Sync Directus" on the remote. Stored encrypted: it can be replaced, never read',
			},
		},
		{
			field: 'schema',
			type: 'json',
			meta: {
				interface: 'input-code',
				options: {
					language: 'JSON',
					lineNumber: true,
					template: '[\n\t{\n\t\t"collection": "articles",\n\t\t"fields": ["title", "body"]\n\t}\n]',
				},
				special: ['cast-json'],
				width: 'full',
				sort: 6,
				note: 'What is shared: per collection its fields and, if you like, a "filter" (a Directus filter rule) and "events" (of "create", "update", "delete"). The primary key always travels; nothing else does unless it is listed',
			},
		},
		{
			field: 'users_notification',
			type: 'alias',
			meta: {
				interface: 'list-m2m',
				options: { enableCreate: false, template: userTemplate },
				display: 'related-values',
				display_options: { template: userTemplate },
				special: ['m2m'],
				width: 'full',
				sort: 7,
				note: 'Who is told when this remote starts failing, when it has recovered and when it refuses items',
			},
		},
		{
			field: 'last_synced_at',
			type: 'timestamp',
			meta: { ...relativeDate, width: 'half', sort: 8, note: 'When this remote last took a change' },
		},
		{
			field: 'last_error',
			type: 'text',
			meta: {
				interface: 'input-multiline',
				readonly: true,
				width: 'full',
				sort: 9,
				note: 'Why nothing arrives at this remote at the moment',
				conditions: [{ name: 'No error', rule: { last_error: { _null: true } }, hidden: true }],
			},
		},
	],
};

const sourcesUsers: CollectionDefinition = {
	collection: SOURCES_USERS,
	meta: { icon: 'import_export', hidden: true, group: SOURCES },
	fields: [
		{
			field: 'id',
			type: 'integer',
			schema: { is_primary_key: true, has_auto_increment: true, is_nullable: false },
			meta: { hidden: true, sort: 1 },
		},
		{ field: 'data_sync_remote_sources_id', type: 'uuid', meta: { hidden: true, sort: 2 } },
		{ field: 'directus_users_id', type: 'uuid', meta: { hidden: true, sort: 3 } },
	],
};

const deliveries: CollectionDefinition = {
	collection: DELIVERIES,
	meta: {
		icon: 'report',
		color: '#6644FF',
		note: 'Items that a remote did not take. Delete one to discard it, run "Data Sync: resync" on it to try again',
		display_template: '{{ collection }} {{ item }}',
		group: SOURCES,
		accountability: null,
	},
	list: {
		columns: { status: 120, source: 180, collection: 160, item: 160, message: 400, date_updated: 160 },
		sort: '-date_created',
	},
	fields: [
		uuidKey,
		{
			field: 'source',
			type: 'uuid',
			meta: {
				interface: 'select-dropdown-m2o',
				options: { template: '{{ name }}', enableCreate: false },
				display: 'related-values',
				display_options: { template: '{{ name }}' },
				special: ['m2o'],
				readonly: true,
				width: 'half',
				sort: 2,
				note: 'The remote',
			},
		},
		{
			field: 'status',
			type: 'string',
			schema: { max_length: 255, default_value: 'pending', is_nullable: false },
			meta: {
				...choices(deliveryStates),
				readonly: true,
				width: 'half',
				sort: 3,
				note: 'Pending is tried again by itself; failed needs you',
			},
		},
		{
			field: 'collection',
			type: 'string',
			schema: { max_length: 64, is_nullable: false },
			meta: { interface: 'input', options: { iconRight: 'box' }, readonly: true, width: 'half', sort: 4 },
		},
		{
			field: 'item',
			type: 'string',
			schema: { max_length: 255, is_nullable: false },
			meta: { interface: 'input', options: { iconRight: 'vpn_key' }, readonly: true, width: 'half', sort: 5 },
		},
		{
			field: 'code',
			type: 'string',
			schema: { max_length: 64 },
			meta: { interface: 'input', options: { font: 'monospace' }, readonly: true, width: 'half', sort: 6 },
		},
		{
			field: 'attempts',
			type: 'integer',
			schema: { default_value: 0, is_nullable: false },
			meta: { interface: 'input', readonly: true, width: 'half', sort: 7 },
		},
		{
			field: 'message',
			type: 'text',
			meta: { interface: 'input-multiline', readonly: true, width: 'full', sort: 8, note: 'Why, and what to do' },
		},
		{ field: 'next_attempt_at', type: 'timestamp', meta: { ...relativeDate, width: 'half', sort: 9 } },
		{
			field: 'date_created',
			type: 'timestamp',
			meta: { ...relativeDate, special: ['date-created'], width: 'half', sort: 10 },
		},
		{
			field: 'date_updated',
			type: 'timestamp',
			meta: { ...relativeDate, special: ['date-updated'], width: 'half', sort: 11 },
		},
	],
};

/** In the order in which they can be created. Three, because an unlicensed Directus allows 25. */
export const COLLECTIONS: readonly CollectionDefinition[] = [sources, sourcesUsers, deliveries];

export const RELATIONS: readonly RelationDefinition[] = [
	{
		collection: SOURCES_USERS,
		field: 'data_sync_remote_sources_id',
		related_collection: SOURCES,
		schema: { on_delete: 'CASCADE' },
		meta: { one_field: 'users_notification', junction_field: 'directus_users_id', one_deselect_action: 'delete' },
	},
	{
		collection: SOURCES_USERS,
		field: 'directus_users_id',
		related_collection: 'directus_users',
		schema: { on_delete: 'CASCADE' },
		meta: { one_field: null, junction_field: 'data_sync_remote_sources_id', one_deselect_action: 'nullify' },
	},
	{
		collection: DELIVERIES,
		field: 'source',
		related_collection: SOURCES,
		schema: { on_delete: 'CASCADE' },
		meta: { one_field: null, junction_field: null, one_deselect_action: 'nullify' },
	},
];

/** Tables without Directus metadata: they count towards no plan limit and stay out of Data Studio. */
export const TABLE_DEFINITIONS: readonly TableDefinition[] = [
	{
		name: CHANGES,
		primary: 'id',
		unique: ['collection', 'item'],
		columns: [
			{ name: 'id', type: 'bigIncrements' },
			{ name: 'collection', type: 'string', length: 64 },
			{ name: 'item', type: 'string', length: 255 },
			{ name: 'seq', type: 'bigInteger', nullable: true, index: true },
			{ name: 'touched', type: 'string', length: 40, nullable: true, index: true },
			{ name: 'rev', type: 'integer', default: 0 },
			{ name: 'life', type: 'integer', default: 0 },
			{ name: 'born', type: 'string', length: 40, nullable: true },
			{ name: 'stamps', type: 'text' },
			{ name: 'path', type: 'text', nullable: true },
			{ name: 'ended_at', type: 'bigInteger', nullable: true, index: true },
			{ name: 'passes', type: 'text', nullable: true },
		],
	},
	{
		name: WRITES,
		primary: 'id',
		columns: [
			{ name: 'id', type: 'string', length: 36 },
			{ name: 'owner', type: 'string', length: 36 },
			{ name: 'floor', type: 'bigInteger' },
			{ name: 'created_at', type: 'bigInteger' },
		],
	},
	{
		name: CHECKPOINTS,
		primary: 'source',
		columns: [
			{ name: 'source', type: 'string', length: 36 },
			// Progress: how much of the feed the remote has been told.
			{ name: 'seq', type: 'bigInteger', default: 0 },
			{ name: 'target', type: 'bigInteger', default: 0 },
			{ name: 'fingerprint', type: 'string', length: 64, nullable: true },
			{ name: 'forgotten_seq', type: 'bigInteger', nullable: true },
			{ name: 'reconcile_since', type: 'bigInteger', nullable: true },
			// Link: the other end, and what both ends remember of each other.
			{ name: 'node', type: 'string', length: 40, nullable: true },
			{ name: 'turns', type: 'text', nullable: true },
			{ name: 'clock_offset', type: 'bigInteger', nullable: true },
			// Health: how the attempts go, and what people have been told of it.
			{ name: 'attempts', type: 'integer', default: 0 },
			{ name: 'next_attempt_at', type: 'bigInteger', nullable: true },
			{ name: 'failing_since', type: 'bigInteger', nullable: true },
			{ name: 'unanswered_since', type: 'bigInteger', nullable: true },
			{ name: 'error', type: 'text', nullable: true },
			{ name: 'notified_at', type: 'bigInteger', nullable: true },
			{ name: 'refused_notified_at', type: 'bigInteger', nullable: true },
			{ name: 'warnings', type: 'text', nullable: true },
			{ name: 'conflicts', type: 'integer', default: 0 },
			{ name: 'last_conflict_at', type: 'bigInteger', nullable: true },
		],
	},
	{
		name: LEASES,
		primary: 'name',
		columns: [
			{ name: 'name', type: 'string', length: 64 },
			{ name: 'owner', type: 'string', length: 36, nullable: true },
			{ name: 'expires_at', type: 'bigInteger', nullable: true },
		],
	},
	{
		name: CONFLICTS,
		primary: 'id',
		unique: ['collection', 'item', 'field', 'loser'],
		columns: [
			{ name: 'id', type: 'bigIncrements' },
			{ name: 'collection', type: 'string', length: 64 },
			{ name: 'item', type: 'string', length: 255 },
			{ name: 'field', type: 'string', length: 64 },
			{ name: 'winner', type: 'string', length: 40 },
			{ name: 'loser', type: 'string', length: 40 },
			{ name: 'source', type: 'string', length: 36, nullable: true },
			{ name: 'noted_at', type: 'bigInteger', index: true },
			{ name: 'told_at', type: 'bigInteger', nullable: true, index: true },
			{ name: 'comment', type: 'string', length: 36, nullable: true },
		],
	},
	{
		name: LINKS,
		primary: 'id',
		columns: [
			{ name: 'id', type: 'string', length: 100 },
			{ name: 'turn', type: 'string', length: 16 },
			{ name: 'received_at', type: 'bigInteger' },
		],
	},
	{
		name: FILE_OBJECTS,
		primary: 'id',
		columns: [
			{ name: 'id', type: 'bigIncrements' },
			{ name: 'file', type: 'string', length: 36, index: true },
			{ name: 'state', type: 'string', length: 16 },
			{ name: 'hash', type: 'string', length: 64, nullable: true },
			{ name: 'size', type: 'bigInteger', nullable: true },
			{ name: 'type', type: 'string', length: 255, nullable: true },
			{ name: 'extension', type: 'string', length: 20, nullable: true },
			{ name: 'storage', type: 'string', length: 255, nullable: true },
			{ name: 'filename_disk', type: 'string', length: 255, nullable: true },
			{ name: 'version', type: 'string', length: 64, nullable: true },
			{ name: 'at', type: 'bigInteger' },
		],
	},
	{
		name: STATE,
		primary: 'id',
		columns: [
			{ name: 'id', type: 'integer' },
			{ name: 'node', type: 'string', length: 40 },
			{ name: 'public_url', type: 'text', nullable: true },
			{ name: 'last_seq', type: 'bigInteger', default: 0 },
			{ name: 'clock', type: 'string', length: 40, nullable: true },
			{ name: 'installed_at', type: 'bigInteger' },
			{ name: 'forgotten', type: 'text', nullable: true },
		],
	},
];

export const POLICY = {
	id: POLICY_ID,
	name: 'Data Sync',
	icon: 'sync_lock',
	description:
		'What other instances may write here: give it create, update and delete permission on each synced collection',
	app_access: false,
	admin_access: false,
	enforce_tfa: false,
};

export const USER = {
	id: USER_ID,
	first_name: 'Data Sync',
	last_name: 'Directus',
	description:
		'Other instances write as this user. Give it a static token and enter that as API key of the source there',
	status: 'active',
	email_notifications: false,
};

export const ACCESS = { id: ACCESS_ID, user: USER_ID, policy: POLICY_ID };

export type FlowDefinition = {
	id: string;
	name: string;
	icon: string;
	color: string;
	description: string;
	trigger: 'event' | 'manual';
	status: 'active';
	/** Tracking a run would cost an activity row and a revision per change. */
	accountability: null;
	/** `collections` follows the published sources; what stands here is the start. */
	options: Record<string, unknown> & { collections: string[] };
	operation: {
		id: string;
		key: string;
		name: string;
		type: typeof OPERATION_TYPE;
		position_x: number;
		position_y: number;
		options: Record<string, unknown>;
	};
};

const operation = (id: string): FlowDefinition['operation'] => ({
	id,
	key: 'sync_to_remotes',
	name: 'Sync to remotes',
	type: OPERATION_TYPE,
	position_x: 19,
	position_y: 1,
	options: { what: 'trigger', which: 'all' },
});

/** Two, because an unlicensed Directus allows five active ones. The push Flow first: it matters more. */
export const FLOWS: readonly FlowDefinition[] = [
	{
		id: PUSH_FLOW_ID,
		name: 'Data Sync: push changes',
		icon: 'sync',
		color: '#6644FF',
		description: 'Sends what is created, updated and deleted to the published remote sources',
		trigger: 'event',
		status: 'active',
		accountability: null,
		options: {
			type: 'action',
			// Uploading or replacing a file fires files.upload and nothing else.
			scope: ['items.create', 'items.update', 'items.delete', 'files.upload'],
			collections: [],
		},
		operation: operation(PUSH_OPERATION_ID),
	},
	{
		id: RESYNC_FLOW_ID,
		name: 'Data Sync: resync',
		icon: 'cloud_sync',
		color: '#6644FF',
		description: 'Sends items to the published remote sources once more, whether or not they have changed',
		trigger: 'manual',
		status: 'active',
		accountability: null,
		options: {
			collections: [DELIVERIES, SOURCES],
			location: 'both',
			requireSelection: false,
			async: false,
			error_on_reject: true,
			requireConfirmation: true,
			confirmationDescription:
				'Sends what is selected to the remotes once more, or everything on this page when nothing is selected.',
		},
		operation: operation(RESYNC_OPERATION_ID),
	},
];
