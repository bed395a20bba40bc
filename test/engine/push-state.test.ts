import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	type Ask,
	advancePush,
	isGreetingDue,
	NO_PUSH,
	type PushAction,
	type PushEvent,
	type PushState,
	ROUNDS,
} from '../../src/engine/push-state.ts';

const NOW = 1_767_225_600_000;
const MINUTE = 60_000;

const ASK: Ask = { toHead: true, force: true };
const QUIET: Ask = { toHead: false, force: false };

type Phase = PushState['push']['phase'];

const PUSHES: Record<Phase, PushState['push']> = {
	idle: { phase: 'idle' },
	looking: { phase: 'looking', round: 0, ask: QUIET, next: null },
	attempting: { phase: 'attempting', round: 0, ask: QUIET, next: null },
	settling: { phase: 'settling', round: 0, ask: QUIET, next: null },
	reporting: { phase: 'reporting', next: null },
};

const attempted = { kind: 'attempted', status: 'done', began: NOW, now: NOW, early: false, touched: false } as const;

const EVENTS = {
	asked: { kind: 'asked', ask: ASK },
	'found, published': { kind: 'found', published: true },
	'found, not published': { kind: 'found', published: false },
	'attempted, all settled': attempted,
	'attempted, items touched': { ...attempted, touched: true },
	settled: { kind: 'settled' },
	ended: { kind: 'ended' },
	visited: { kind: 'visited', now: NOW },
} satisfies Record<string, PushEvent>;

type Outcome = { phase: Phase; action: PushAction['do'] };

/** What does not happen changes nothing. */
const IGNORED = null;
/** The phase goes on; what was asked for is kept. */
const KEPT = 'kept';

const look: Outcome = { phase: 'looking', action: 'look' };
const attempt: Outcome = { phase: 'attempting', action: 'attempt' };
const settle: Outcome = { phase: 'settling', action: 'settle' };
const report: Outcome = { phase: 'reporting', action: 'report' };
const rest: Outcome = { phase: 'idle', action: 'nothing' };

const TABLE: Record<Phase, Record<keyof typeof EVENTS, Outcome | typeof IGNORED | typeof KEPT>> = {
	idle: {
		asked: look,
		'found, published': IGNORED,
		'found, not published': IGNORED,
		'attempted, all settled': IGNORED,
		'attempted, items touched': IGNORED,
		settled: IGNORED,
		ended: IGNORED,
		visited: IGNORED,
	},
	looking: {
		asked: KEPT,
		'found, published': attempt,
		'found, not published': report,
		'attempted, all settled': IGNORED,
		'attempted, items touched': IGNORED,
		settled: IGNORED,
		ended: rest,
		visited: IGNORED,
	},
	attempting: {
		asked: KEPT,
		'found, published': IGNORED,
		'found, not published': IGNORED,
		'attempted, all settled': report,
		'attempted, items touched': settle,
		settled: IGNORED,
		ended: rest,
		visited: IGNORED,
	},
	settling: {
		asked: KEPT,
		'found, published': IGNORED,
		'found, not published': IGNORED,
		'attempted, all settled': IGNORED,
		'attempted, items touched': IGNORED,
		settled: look,
		ended: rest,
		visited: IGNORED,
	},
	reporting: {
		asked: KEPT,
		'found, published': IGNORED,
		'found, not published': IGNORED,
		'attempted, all settled': IGNORED,
		'attempted, items touched': IGNORED,
		settled: IGNORED,
		ended: rest,
		visited: IGNORED,
	},
};

const PAIRS = (Object.keys(PUSHES) as Phase[]).flatMap((phase) =>
	(Object.keys(EVENTS) as (keyof typeof EVENTS)[]).map((event) => ({ phase, event })),
);

const inPhase = (phase: Phase): PushState => ({ ...NO_PUSH, push: PUSHES[phase] });
const withNext = (phase: Exclude<Phase, 'idle'>, next: Ask): PushState => ({
	...NO_PUSH,
	push: { ...PUSHES[phase], next } as PushState['push'],
});
const nextOf = ({ push }: PushState): Ask | null => (push.phase === 'idle' ? null : push.next);

const play = (state: PushState, ...events: PushEvent[]): PushState =>
	events.reduce((current, event) => advancePush(current, event).state, state);

describe('the pushes of a source', () => {
	it.each(PAIRS)('$phase: $event', ({ phase, event }) => {
		const before = inPhase(phase);
		const { state, action } = advancePush(before, EVENTS[event]);
		const expected = TABLE[phase][event];

		if (expected === IGNORED) {
			expect(state).toEqual(before);
			expect(action).toEqual({ do: 'nothing' });
		} else if (expected === KEPT) {
			expect(state).toEqual({ ...before, push: { ...before.push, next: ASK } });
			expect(action).toEqual({ do: 'nothing' });
		} else {
			expect(state.push.phase).toBe(expected.phase);
			expect(action.do).toBe(expected.action);
		}
	});

	it.each(PAIRS.filter(({ phase }) => phase !== 'idle'))(
		'$phase, with another push asked for: $event',
		({ phase, event }) => {
			const next: Ask = { toHead: true, force: false };
			const { state, action } = advancePush(withNext(phase as Exclude<Phase, 'idle'>, next), EVENTS[event]);
			const without = advancePush(inPhase(phase), EVENTS[event]);

			if (event === 'ended') {
				expect(state.push).toEqual({ phase: 'looking', round: 0, ask: next, next: null });
				expect(action).toEqual({ do: 'look' });
			} else {
				expect(state.push.phase).toBe(without.state.push.phase);
				expect(action).toEqual(without.action);
				expect(nextOf(state)).toEqual(event === 'asked' ? ASK : next);
			}
		},
	);

	it('hands what was asked for to the first round alone; those after it take all that has been settled since', () => {
		const first = advancePush(play(NO_PUSH, EVENTS.asked), EVENTS['found, published']);
		expect(first.action).toEqual({ do: 'attempt', ask: ASK });
		const settled = play(first.state, EVENTS['attempted, items touched'], EVENTS.settled);
		expect(advancePush(settled, EVENTS['found, published']).action).toEqual({
			do: 'attempt',
			ask: { toHead: true, force: false },
		});
	});

	it('leaves to the next push what still changes after ten rounds', () => {
		let state = play(NO_PUSH, EVENTS.asked);
		for (let round = 0; round < ROUNDS; round += 1) {
			state = play(state, EVENTS['found, published'], EVENTS['attempted, items touched'], EVENTS.settled);
		}
		expect(advancePush(state, EVENTS['found, published']).action).toEqual({ do: 'report' });
	});

	describe('when memories are compared', () => {
		const push = (state: PushState, event: Partial<Extract<PushEvent, { kind: 'attempted' }>> = {}): PushState =>
			play(state, EVENTS.asked, EVENTS['found, published'], { ...attempted, ...event }, EVENTS.ended);

		it('is due until an attempt has succeeded, and again an hour later', () => {
			expect(isGreetingDue(NO_PUSH, NOW)).toBe(true);
			for (const status of ['failing', 'waiting', 'busy'] as const) {
				expect(isGreetingDue(push(NO_PUSH, { status }), NOW)).toBe(true);
			}
			const met = push(NO_PUSH);
			expect(isGreetingDue(met, NOW + 60 * MINUTE - 1)).toBe(false);
			expect(isGreetingDue(met, NOW + 60 * MINUTE)).toBe(true);
		});

		it('is due at once when the other node has come to do so, unless it was done within the last minute', () => {
			const met = push(NO_PUSH);
			const visit = (now: number) => isGreetingDue(play(met, { kind: 'visited', now }), now);
			expect(visit(NOW + MINUTE - 1)).toBe(false);
			expect(visit(NOW + MINUTE)).toBe(true);
		});

		it('counts from the end of an attempt, whatever came during it', () => {
			const pushing = play(NO_PUSH, EVENTS.asked, EVENTS['found, published']);
			const visited = play(pushing, { kind: 'visited', now: NOW }, { ...attempted, now: NOW + MINUTE });
			expect(isGreetingDue(visited, NOW + 61 * MINUTE - 1)).toBe(false);
			expect(isGreetingDue(visited, NOW + 61 * MINUTE)).toBe(true);
		});
	});

	it.each(['waiting', 'busy'] as const)(
		'learns nothing of the remote from an attempt that was not made: %s',
		(status) => {
			const before = inPhase('attempting');
			const { metAt, tries } = play(before, { ...attempted, status });
			expect({ metAt, tries }).toEqual({ metAt: before.metAt, tries: before.tries });
		},
	);

	it('remembers when an attempt has failed or reached the remote, and plans the tries after an early one', () => {
		const pushing = inPhase('attempting');
		expect(play(pushing, { ...attempted, status: 'failing' }).tries).toMatchObject({ last: NOW, following: [] });
		const early = play(pushing, { ...attempted, status: 'failing', early: true });
		expect(early.tries).toMatchObject({ last: NOW, series: NOW, following: [NOW + 2000, NOW + 10_000, NOW + 60_000] });
		const reached = play({ ...early, push: PUSHES.attempting }, { ...attempted, began: NOW + 2000 });
		expect(reached.tries).toMatchObject({ last: NOW + 2000, following: [] });
	});

	it('in any order of events makes as many attempts as a push may, and does for each call what it asked for', () => {
		const often = fc.integer({ min: 0, max: 15 }).map((number) => number > 0);
		const calls = fc.record({ toHead: fc.boolean(), force: fc.boolean() }).map((ask) => ({ ask }));
		const answers = fc.record({
			published: often,
			touched: often,
			breaks: often.map((is) => !is),
		});
		const turns = fc.array(fc.oneof(calls, { arbitrary: answers, weight: 4 }), { maxLength: 200 });

		fc.assert(
			fc.property(turns, (played) => {
				const model: Model = { state: NO_PUSH, action: { do: 'nothing' }, asked: null, attempts: 0 };
				for (const turn of played)
					if ('ask' in turn) call(model, turn.ask);
					else answer(model, turn);
				expect(nextOf(model.state)).toEqual(model.asked);
			}),
		);
	});
});

/** The machine at work, and what is to be expected of it. */
type Model = {
	state: PushState;
	/** What is being done. */
	action: PushAction;
	/** What the calls have asked for that no push has begun with. */
	asked: Ask | null;
	/** Those of the present push. */
	attempts: number;
};

function call(model: Model, ask: Ask): void {
	const { asked } = model;
	model.asked = { toHead: asked?.toHead || ask.toHead, force: asked?.force || ask.force };
	const isIdle = model.action.do === 'nothing';
	const { state, action } = advancePush(model.state, { kind: 'asked', ask });
	model.state = state;
	if (isIdle) begin(model, action);
	else expect(action).toEqual({ do: 'nothing' });
}

function answer(model: Model, given: { published: boolean; touched: boolean; breaks: boolean }): void {
	const event = outcomeOf(model.action, given);
	if (!event) return;
	if (event.kind === 'attempted') model.attempts += 1;
	expect(model.attempts).toBeLessThanOrEqual(ROUNDS);
	const { state, action } = advancePush(model.state, event);
	model.state = state;
	if (event.kind === 'ended' && model.asked) begin(model, action);
	else model.action = action;
	expect(model.action.do === 'nothing').toBe(event.kind === 'ended' && model.state.push.phase === 'idle');
}

/** A push begins with all that was asked for until then. */
function begin(model: Model, action: PushAction): void {
	expect(action).toEqual({ do: 'look' });
	expect(model.state.push).toMatchObject({ phase: 'looking', ask: model.asked });
	Object.assign(model, { action, asked: null, attempts: 0 });
}

function outcomeOf(
	{ do: doing }: PushAction,
	{ published, touched, breaks }: { published: boolean; touched: boolean; breaks: boolean },
): PushEvent | null {
	if (doing === 'nothing') return null;
	if (breaks || doing === 'report') return { kind: 'ended' };
	if (doing === 'look') return { kind: 'found', published };
	if (doing === 'attempt') return { ...attempted, touched };
	return { kind: 'settled' };
}
