/** A network that loses, repeats, delays and so reorders requests and answers. */
import { RemoteError } from '../../src/wire/remote-error.ts';
import { type Faults, NO_FAULTS } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** What a node makes of a request; rejects with what its answer would tell. Null when nobody is there. */
export type Receiver = (body: string | null) => Promise<unknown> | null;

export type Sent = { from: number; to: number; body: string | null };

export type Network = {
	/** @param body null asks for the node's info */
	request(caller: object, from: number, to: number, body: string | null): Promise<unknown>;
	listen(node: number, receiver: Receiver): void;
	cut(from: number, to: number, duration: number): void;
	/** Nothing gets through any more, not even once all else is mended. */
	kill(from: number, to: number): void;
	heal(): void;
	/** The requests that have left a node so far. */
	sent(): readonly Sent[];
};

/** After that long the caller gives up; what it sent may still arrive. Milliseconds. */
const PATIENCE = 5_000;

export function createNetwork(scheduler: Scheduler, seed: string, plan: Faults): Network {
	const world = {};
	const receivers = new Map<number, Receiver>();
	const randoms = new Map<string, Random>();
	const cutUntil = new Map<string, number>();
	const dead = new Set<string>();
	const sent: Sent[] = [];
	let faults = plan;

	/** A source of its own for each direction, so that leaving out an event changes little elsewhere. */
	const randomOf = (link: string): Random => {
		const random = randoms.get(link) ?? createRandom(`${seed} ${link}`);
		randoms.set(link, random);
		return random;
	};

	const duration = (random: Random): number =>
		random.chance(faults.delay) ? random.below(faults.longestDelay) : 1 + random.below(15);

	return {
		request: (caller, from, to, body) =>
			new Promise((resolve, reject) => {
				const link = `${from}-${to}`;
				const random = randomOf(link);
				let isAnswered = false;
				const unreachable = () => {
					if (!isAnswered) reject(new RemoteError('unreachable', `node ${to} can't be reached.`));
				};
				sent.push({ from, to, body });
				scheduler.after(PATIENCE, caller, unreachable);

				const isLost = random.chance(faults.dropRequest);
				const copies = random.chance(faults.duplicate) ? 2 : 1;

				for (let copy = 0; copy < copies; copy += 1) {
					const isAnswerLost = random.chance(faults.dropAnswer) || copy > 0;
					const there = duration(random) + (copy > 0 ? random.below(PATIENCE * 2) : 0);
					const back = duration(random);
					if (isLost || dead.has(link) || (cutUntil.get(link) ?? 0) > scheduler.now()) continue;
					scheduler.after(there, world, () => {
						const answer = receivers.get(to)?.(body) ?? null;
						if (answer === null) return scheduler.after(back, caller, unreachable);
						const pass = (run: () => void) => {
							if (isAnswerLost) return;
							scheduler.after(back, caller, () => {
								isAnswered = true;
								run();
							});
						};
						answer.then(
							(result) => pass(() => resolve(result)),
							(error) => pass(() => reject(error)),
						);
					});
				}
			}),
		listen: (node, receiver) => receivers.set(node, receiver),
		cut: (from, to, milliseconds) => cutUntil.set(`${from}-${to}`, scheduler.now() + milliseconds),
		kill: (from, to) => dead.add(`${from}-${to}`),
		heal: () => {
			faults = NO_FAULTS;
			cutUntil.clear();
		},
		sent: () => sent,
	};
}
