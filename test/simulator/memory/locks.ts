/** Row locks as PostgreSQL has them: held until the end of a transaction, waited for in order, deadlocks broken. */

/** A transaction; the process tells whom to forget after a crash. */
export type Owner = { process: object };

type Waiting = { owner: Owner; keys: string[]; go: () => void };

export type Locks = {
	/** Holds the keys until the owner lets go. Rejects with a DeadlockError where waiting would never end. */
	hold(owner: Owner, keys: string[]): Promise<void>;
	/** Runs the effect as soon as nobody else holds one of the keys. */
	run<T>(owner: Owner, keys: string[], effect: () => T): Promise<T>;
	release(owner: Owner): void;
	/** Lets go of everything a dead process held or waited for. */
	forget(process: object): void;
};

export class DeadlockError extends Error {
	override name = 'DeadlockError';
}

export function createLocks(): Locks {
	const holders = new Map<string, Owner>();
	const dead = new WeakSet<object>();
	let waiting: Waiting[] = [];

	const blockers = ({ owner, keys }: Pick<Waiting, 'owner' | 'keys'>): Owner[] =>
		keys.flatMap((key) => holders.get(key) ?? []).filter((holder) => holder !== owner);

	const waitsFor = (owner: Owner, target: Owner, seen = new Set<Owner>()): boolean => {
		if (owner === target) return true;
		if (seen.has(owner)) return false;
		seen.add(owner);
		return waiting
			.filter((each) => each.owner === owner)
			.some((each) => blockers(each).some((blocker) => waitsFor(blocker, target, seen)));
	};

	const wait = <T>(owner: Owner, keys: string[], run: () => T): Promise<T> =>
		new Promise<T>((resolve, reject) => {
			// A dead process gets no answer.
			if (dead.has(owner.process)) return;
			const go = () => {
				try {
					resolve(run());
				} catch (error) {
					reject(error);
				}
			};
			const entry = { owner, keys, go };
			const blocked = blockers(entry);
			if (blocked.length === 0) go();
			else if (blocked.some((blocker) => waitsFor(blocker, owner))) reject(new DeadlockError('deadlock detected'));
			else waiting.push(entry);
		});

	const wake = (): void => {
		const before = waiting;
		waiting = [];
		for (const entry of before) {
			if (blockers(entry).length === 0) entry.go();
			else waiting.push(entry);
		}
	};

	return {
		hold: (owner, keys) =>
			wait(owner, keys, () => {
				for (const key of keys) holders.set(key, owner);
			}),
		run: (owner, keys, effect) => wait(owner, keys, effect),
		release: (owner) => {
			for (const [key, holder] of holders) if (holder === owner) holders.delete(key);
			wake();
		},
		forget: (process) => {
			dead.add(process);
			waiting = waiting.filter((entry) => entry.owner.process !== process);
			for (const [key, holder] of holders) if (holder.process === process) holders.delete(key);
			wake();
		},
	};
}
