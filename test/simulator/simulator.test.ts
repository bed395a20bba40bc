import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import type { Ports } from '../support/memory/ports.ts';
import { createPlan } from './create-plan.ts';
import { describePlan } from './describe-plan.ts';
import { explain } from './explain.ts';
import { minimise } from './minimise.ts';
import { NO_FAULTS, type Plan } from './plan.ts';
import { decodePlan } from './plan-code.ts';
import { simulate } from './simulate.ts';
import { nodeIdOf, type WorldOptions } from './world.ts';

/** Faults of ours that the simulator has to notice, or it proves nothing. */
const SABOTAGE: Record<string, (ports: Ports) => Ports> = {
	'a checkpoint that moves before the remote has answered': (ports) => ({
		...ports,
		transport: {
			...ports.transport,
			send: async (source, batch) => {
				const head = await ports.feed.head();
				await ports.checkpoints.saveProgress(source.id, { seq: head });
				return ports.transport.send(source, batch);
			},
		},
	}),
	'a settle that overwrites what has changed meanwhile': (ports) => ({
		...ports,
		feed: {
			...ports.feed,
			settle: async (rows) => {
				const current = await ports.feed.read(rows.map(({ row }) => row));
				const revOf = ({ collection, item }: { collection: string; item: string }) =>
					current.find((row) => row.collection === collection && row.item === item)?.rev ?? 0;
				await ports.feed.settle(rows.map(({ row, number }) => ({ row: { ...row, rev: revOf(row) }, number })));
			},
		},
	}),
	'touches that get lost': (ports) => ({
		...ports,
		feed: { ...ports.feed, touch: async (touches, options) => ports.feed.touch(touches.slice(1), options) },
	}),
	'a receiver that does not look at its own unsettled edits': (ports) => ({
		...ports,
		apply: {
			transaction: (run) =>
				ports.apply.transaction((transaction) =>
					run({
						...transaction,
						lock: async (...args) =>
							(await transaction.lock(...args)).map((each) => ({
								...each,
								row: each.row && { ...each.row, life: 0, touched: null },
							})),
					}),
				),
		},
	}),
	'a path that names nodes nobody tells': (ports) => ({
		...ports,
		transport: {
			...ports.transport,
			send: (source, batch) => ports.transport.send(source, { ...batch, path: [0, 1, 2, 3, 4, 5, 6].map(nodeIdOf) }),
		},
	}),
};

async function firstFailure(options: WorldOptions): Promise<Plan | null> {
	for (let seed = 1; seed <= 200; seed += 1) {
		for (const varied of [false, true]) {
			const plan = createPlan(String(seed), { varied });
			if ((await simulate(plan, options)).problems.length > 0) return plan;
		}
	}
	return null;
}

describe('simulator', () => {
	it('plays a plan the same way every time', async () => {
		for (const seed of ['7', '8', '9']) {
			const [first, second]: [string[], string[]] = [[], []];
			await simulate(createPlan(seed), { trace: (line) => first.push(line) });
			await simulate(createPlan(seed), { trace: (line) => second.push(line) });
			expect(first.length).toBeGreaterThan(0);
			expect(second).toEqual(first);
		}
	});

	it.each(Object.entries(SABOTAGE))('notices %s', { timeout: 120_000 }, async (_name, sabotage) => {
		expect(await firstFailure({ sabotage })).not.toBe(null);
	});

	it('cuts a failing plan down to what it takes to fail', { timeout: 120_000 }, async () => {
		const sabotage = SABOTAGE['touches that get lost'];
		const plan = sabotage && (await firstFailure({ sabotage }));
		if (!plan) throw new Error('nothing fails');
		const smallest = await minimise(plan, async (each) => (await simulate(each, { sabotage })).problems.length > 0);
		expect(smallest.events.length).toBeLessThanOrEqual(2);
		expect(smallest.nodes.length).toBeLessThanOrEqual(3);
		expect(smallest.faults).toEqual(NO_FAULTS);
		expect(describePlan(smallest)).toMatch(/of [23] nodes\n(.*\n)+.* ms: node \d writes /);
	});

	it('tells of a failing seed what it takes to fail, and the command that plays it', { timeout: 120_000 }, async () => {
		const sabotage = SABOTAGE['touches that get lost'];
		const plan = sabotage && (await firstFailure({ sabotage }));
		if (!plan) throw new Error('nothing fails');
		const text = await explain(plan, (await simulate(plan, { sabotage })).problems, { sabotage });
		expect(text).toMatch(new RegExp(`^Seed ${plan.seed} fails:\n=> .+\n(.*\n)*In short:\n.+ of [23] nodes\n`));

		const [, code = ''] = /npm run replay -- (\S+)$/.exec(text) ?? [];
		const smallest = decodePlan(code);
		expect(text).toContain(describePlan(smallest));
		expect((await simulate(smallest, { sabotage })).problems).not.toEqual([]);
		const { stdout, exitCode } = await execa('npm', ['run', 'replay', '--', code]);
		expect(exitCode).toBe(0);
		expect(stdout).toContain(describePlan(smallest));
		expect(stdout).toMatch(/ node \d process \d wrote (.*\n)*Nothing goes wrong\.$/);
	});
});
