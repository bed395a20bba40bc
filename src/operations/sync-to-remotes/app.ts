/** The operation "Sync to remotes", in the Flows editor. */
import type { OperationAppConfig } from '@directus/types';

const WHAT = [
	{ text: 'Items that triggered this Flow', value: 'trigger' },
	{ text: 'Selected items of a collection', value: 'selected' },
	{ text: 'All items of a collection', value: 'all' },
];

const WHICH = [
	{ text: 'All published sources', value: 'all' },
	{ text: 'Some sources', value: 'some' },
];

const shownIf = (field: string, values: string[]) => [
	{
		name: `Shown for ${values.join(', ')}`,
		rule: { [field]: { _in: values } },
		hidden: false,
		required: true,
	},
];

const operation: OperationAppConfig = {
	id: 'sync-to-remotes',
	name: 'Sync to remotes',
	icon: 'sync_alt',
	description: 'Push items to the remote sources of Data Sync.',
	overview: (options) => {
		const what = options.what ?? 'trigger';
		const sources = Array.isArray(options.sources) ? options.sources.length : 0;
		const items =
			what === 'trigger'
				? WHAT[0]?.text
				: what === 'selected'
					? `Selected items of ${options.collection ?? '…'}`
					: `All items of ${options.collection ?? '…'}`;
		return [
			{ label: 'Sends', text: items ?? '' },
			{
				label: 'To',
				text:
					options.which === 'some'
						? `${sources} chosen ${sources === 1 ? 'source' : 'sources'}`
						: 'All published sources',
			},
		];
	},
	options: [
		{
			field: 'what',
			name: 'What',
			type: 'string',
			meta: {
				width: 'full',
				interface: 'select-dropdown',
				options: { choices: WHAT },
				note: 'Only collections and fields that a source lists are ever sent to it.',
			},
			schema: { default_value: 'trigger' },
		},
		{
			field: 'collection',
			name: 'Collection',
			type: 'string',
			meta: {
				width: 'half',
				interface: 'system-collection',
				options: { includeSystem: false },
				hidden: true,
				conditions: shownIf('what', ['selected', 'all']),
			},
		},
		{
			field: 'items',
			name: 'Items',
			type: 'csv',
			meta: {
				width: 'half',
				interface: 'tags',
				options: { placeholder: 'Primary keys, or {{ a.value.from.this.Flow }}', iconRight: 'vpn_key' },
				note: 'Primary keys. Press Enter after each.',
				hidden: true,
				conditions: shownIf('what', ['selected']),
			},
		},
		{
			field: 'which',
			name: 'Which sources',
			type: 'string',
			meta: { width: 'full', interface: 'select-dropdown', options: { choices: WHICH } },
			schema: { default_value: 'all' },
		},
		{
			field: 'sources',
			name: 'Sources',
			type: 'json',
			meta: {
				width: 'full',
				interface: 'collection-item-multiple-dropdown',
				options: { selectedCollection: 'data_sync_remote_sources', template: '{{ name }}' },
				hidden: true,
				conditions: shownIf('which', ['some']),
			},
		},
	],
};

export default operation;
