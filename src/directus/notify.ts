/**
 * Directus' own notifications, to chosen users or to all admins. Telling someone is never worth failing the work it
 * speaks of: every fault here ends as a log line.
 */
import type { ApiExtensionContext, Filter } from '@directus/types';

/** directus_notifications.subject is a string(255). */
const MAX_SUBJECT = 255;

export type NotifyOptions = {
	/** Leaves out whom an equal notification still waits for in the inbox: for what is noticed at every start. */
	once?: boolean;
};

export type Notifier = {
	/** Tells the active ones of these users. `message` is Markdown. */
	notifyUsers(userIds: readonly string[], subject: string, message: string, options?: NotifyOptions): Promise<void>;
	/** Tells every active user with admin access, by a policy of their own, of their role or of a role above it. */
	notifyAdmins(subject: string, message: string, options?: NotifyOptions): Promise<void>;
};

type Access = { user: string | null; role: string | null };
type Role = { id: string; parent: string | null };

/** The roles that hold an admin policy themselves or inherit one from a role above. */
export function adminRoles(access: readonly Access[], roles: readonly Role[]): string[] {
	const found = new Set(access.flatMap(({ role }) => role ?? []));
	let before: number;
	do {
		before = found.size;
		for (const { id, parent } of roles) if (parent !== null && found.has(parent)) found.add(id);
	} while (found.size > before);
	return [...found];
}

export function createNotifier(context: ApiExtensionContext): Notifier {
	const { services, database, logger } = context;
	const options = async () => ({ knex: database, schema: await context.getSchema() });

	async function activeUsers(filter: Filter): Promise<string[]> {
		const users = new services.UsersService(await options());
		const query = { filter: { _and: [{ status: { _eq: 'active' } }, filter] }, fields: ['id'], limit: -1 };
		return (await users.readByQuery(query)).map(({ id }) => String(id));
	}

	async function admins(): Promise<string[]> {
		const accessService = new services.AccessService(await options());
		const access = (await accessService.readByQuery({
			filter: { policy: { admin_access: { _eq: true } } },
			fields: ['user', 'role'],
			limit: -1,
		})) as Access[];
		const rolesService = new services.RolesService(await options());
		const roles = (await rolesService.readByQuery({ fields: ['id', 'parent'], limit: -1 })) as Role[];
		const users = access.flatMap(({ user }) => user ?? []);
		return activeUsers({ _or: [{ id: { _in: users } }, { role: { _in: adminRoles(access, roles) } }] });
	}

	async function tell(recipient: string, subject: string, message: string, once: boolean) {
		const notifications = new services.NotificationsService(await options());
		const waiting: Filter = {
			_and: [{ status: { _eq: 'inbox' } }, { recipient: { _eq: recipient } }, { subject: { _eq: subject } }],
		};
		const told = once ? await notifications.readByQuery({ filter: waiting, fields: ['message'], limit: -1 }) : [];
		if (!told.some((each) => each.message === message)) await notifications.createOne({ recipient, subject, message });
	}

	async function logged(subject: string, work: () => Promise<void>) {
		try {
			await work();
		} catch (error) {
			logger.warn(error, `Data Sync: the notification "${subject}" could not be sent`);
		}
	}

	const send = (recipients: () => Promise<string[]>, subject: string, message: string, once = false) =>
		logged(subject, async () => {
			const short = subject.slice(0, MAX_SUBJECT);
			for (const recipient of await recipients()) await logged(subject, () => tell(recipient, short, message, once));
		});

	return {
		notifyUsers: async (userIds, subject, message, { once } = {}) => {
			if (userIds.length === 0) return;
			await send(() => activeUsers({ id: { _in: [...userIds] } }), subject, message, once);
		},
		notifyAdmins: (subject, message, { once } = {}) => send(admins, subject, message, once),
	};
}
