/**
 * The steps of the check, and for each the codes of what it may find. They are for machines: a code never changes its
 * meaning. A code is an error where something listed will not arrive, a warning where something may not.
 */
export const CHECK_CODES = {
	/** Is the URL of the source an address that can be sent to? */
	url: [
		/** Error: it is empty, or breaks one of the rules in wire/remote-url.ts. */
		'bad_url',
	],
	/** Does anything answer there? */
	reachable: [
		/** Error: the name of the host has no address. */
		'unknown_host',
		/** Error: the host answers, but nothing listens at that port. */
		'connection_refused',
		/** Error: there is no answer in time, or the connection breaks. */
		'no_answer',
		/** Error: IMPORT_IP_DENY_LIST of this instance forbids the address. */
		'denied_address',
	],
	/** Is the connection encrypted, and by a certificate that this server trusts? */
	tls: [
		/** Error: the certificate has expired, is for another name, or comes from an unknown issuer. */
		'bad_certificate',
		/** Error: the URL begins with https://, but what answers does not speak TLS. */
		'no_tls',
		/** Warning: the URL begins with http:// and leads beyond this machine. */
		'not_encrypted',
	],
	/** Does the remote answer itself? */
	redirects: [
		/** Error: it redirects, which is never followed. */
		'redirects',
	],
	/** Does Data Sync run there? */
	extension: [
		/** Error: it asks to wait, as while it starts, when it is overloaded, or when its setup has failed. */
		'not_ready',
		/** Error: what answers is no Data Sync, such as a website, or a Directus without the extension. */
		'no_data_sync',
		/** Error: it answers with an error of its own. */
		'remote_failed',
	],
	/** Is the API key valid there? */
	key: [
		/** Error: there is none, or it was encrypted with another SECRET. */
		'no_key',
		/** Error: the remote does not know it. */
		'refused',
	],
	/** Does it belong to the Data Sync user? */
	user: [
		/** Error: it belongs to another user. */
		'other_user',
	],
	/** Do both instances understand each other? */
	versions: [
		/** Error: the two versions of Data Sync speak different protocols. */
		'other_protocol',
		/** Warning: their major versions differ. */
		'other_version',
		/** Warning: the major versions of Directus differ. */
		'other_directus',
	],
	/** Do both clocks tell the same time? */
	clock: [
		/** Error: they are so far apart that changes are refused. */
		'clock_too_far',
		/** Warning: they are so far apart that the earlier of two edits may win. */
		'clock_offset',
	],
	/** Is the remote another instance? */
	identity: [
		/** Error: it is this very instance, or a copy with the same identity. */
		'own_node',
	],
	/** Is all that the source lists on this instance, and can it be sent? */
	listing: [
		/** Error: the schema of the source can't be read. */
		'bad_schema',
		/** Error: it lists nothing. */
		'nothing_listed',
		/** Error: a listed field has no column, and stands for no relation that could be synced. */
		'unexpandable_field',
		/** Error: a listed collection does not exist here. */
		'unknown_collection',
		/** Error: a filter can't be used. */
		'bad_filter',
		/** Error: a listed field does not exist here. */
		'unknown_field',
		/** Error: a listed field is encrypted or concealed here. */
		'secret_field',
		/** Error: a listed field is one that Directus can't read here. */
		'unreadable_field',
	],
	/** Are the listed collections on the remote, and of the same kind? */
	collections: [
		/** Error: the remote does not answer what the check asks for. */
		'unanswered',
		/** Error: a collection does not exist there, or the policy "Data Sync" has no permission in it. */
		'missing_collection',
		/** Error: a collection is switched off there by the limit of its plan. */
		'inactive_collection',
		/** Error: a collection is a single object on one of the two instances only. */
		'singleton_differs',
		/** Error: the types of the keys have nothing to do with each other. Warning: the remote's is narrower. */
		'key_differs',
	],
	/** Can the listed fields take there what they hold here? */
	fields: [
		/** Error: a field does not exist there. */
		'missing_field',
		/** Error: a field is encrypted or concealed there. */
		'secret_field',
		/** Error: a field is computed by the database there. */
		'generated_field',
		/** Error: a field is one that Directus can't read there. */
		'unreadable_field',
		/** Error: a field is of a type there that does not mean the same. */
		'type_differs',
		/** Warning: a field is of a type there that can't hold every value exactly. */
		'type_narrower',
		/** Warning: a field takes fewer characters there. */
		'length_smaller',
		/** Warning: a field takes fewer digits there. */
		'precision_smaller',
		/** Error: a field may be empty here, and never there. */
		'not_null',
		/** Error: a field that is not listed is required there. */
		'required_field',
	],
	/** May the Data Sync user do there what the source's events ask for? */
	permissions: [
		/** Error: the remote does not tell what its user may do. */
		'unanswered',
		/** Error: a permission does not count on the plan of the remote, since it has rules or a choice of fields. */
		'ignored_permission',
		/** Error: a permission is missing. */
		'missing_permission',
		/** Error: a permission leaves out fields that are needed. */
		'field_not_permitted',
		/** Warning: a permission is for some items only. */
		'partial_permission',
	],
	/** Does the remote take requests that are large enough? */
	payload: [
		/** Error: an item is larger than its MAX_PAYLOAD_SIZE. */
		'item_too_large',
		/** Warning: that is less than usual, or less than twice the largest item. */
		'small_payload',
	],
	/** Can two new items get one key? */
	keys: [
		/** Warning: both instances count up the keys of a collection. */
		'counted_keys',
	],
	/** Is all that the listed items refer to synced as well? */
	references: [
		/** Warning: a field refers to a collection that is never synced. */
		'unsyncable_reference',
		/** Warning: a field refers to a collection that is neither listed nor on the remote. */
		'unreachable_reference',
		/** Warning: a field refers to a collection that is not listed. */
		'unlisted_reference',
	],
	/** Is everything switched on that the limit of a plan, or somebody, may switch off? */
	plan: [
		/** Warning: one of the two Flows does not exist. */
		'flow_missing',
		/** Warning: one of the two Flows is inactive. */
		'flow_inactive',
		/** Error: a listed collection is switched off here by the limit of the plan. */
		'inactive_collection',
		/** Warning: the remote has permissions that do not count on its plan, whether they are needed or not. */
		'ignored_permission',
	],
} as const;

export type StepName = keyof typeof CHECK_CODES;
/** What that step may find; without a step, what any may. */
export type FindingCode<Name extends StepName = StepName> = (typeof CHECK_CODES)[Name][number];
