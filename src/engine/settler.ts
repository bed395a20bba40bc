/** Settling, at most once at a time in this process, and what was in its way. */
import { type SettleDeps, settle } from '../feed/settle.ts';
import { coalesce } from './coalesce.ts';

export type Settler = {
	/** Settles all that was touched before; calls that come meanwhile share the next run. */
	settle(): Promise<number>;
	/** The collections that could not be settled last time, each with a sentence on why. */
	unsettleable(): ReadonlyMap<string, string>;
};

export function createSettler(ports: SettleDeps): Settler {
	let last: ReadonlyMap<string, string> = new Map();

	return {
		settle: coalesce(async () => {
			const faults = new Map<string, string>();
			const numbered = await settle(ports, (collection, error) => faults.set(collection, describe(collection, error)));
			last = faults;
			return numbered;
		}),
		unsettleable: () => last,
	};
}

const describe = (collection: string, error: unknown): string =>
	`Changes in "${collection}" can't be sent, because its items can't be read: ${error instanceof Error ? error.message : String(error)}`;
