/**
 * What this process is doing for one source, as a pure state machine: `advancePush` takes the state and what has happened, and
 * gives the next state and what to do now. Whoever does it (source-pushes.ts) reports the outcome, with the time, as the next
 * event. Nothing here outlives the process: what has to is in the checkpoint, and losing the rest only costs time.
 *
 * A push brings the source up to what was asked for before the push began. An attempt may touch items, as they were edited
 * meanwhile; then there is another round, up to ROUNDS of them. What is asked for during a push is kept for the push after it.
 *
 * The next phase, by phase and event. Entering a phase makes its action due.
 *
 * | phase      | action  | asked   | found                   | attempted             | settled | ended            |
 * | ---------- | ------- | ------- | ----------------------- | --------------------- | ------- | ---------------- |
 * | idle       | –       | looking | –                       | –                     | –       | –                |
 * | looking    | look    | kept    | attempting or reporting | –                     | –       | idle, or looking |
 * | attempting | attempt | kept    | –                       | settling or reporting | –       | idle, or looking |
 * | settling   | settle  | kept    | –                       | –                     | looking | idle, or looking |
 * | reporting  | report  | kept    | –                       | –                     | –       | idle, or looking |
 *
 * `ended` leads to looking if something was kept. `visited` may come at any time and leaves the phase as it is. A dash is
 * what doesn't happen; it would change nothing.
 */
import type { Attempt } from '../push/push-source.ts';
import { afterFailure, afterSuccess, type EarlyTries, NO_TRIES } from './early-tries.ts';

/** How often a push starts over because its items changed while it went on; the next one takes the rest. */
export const ROUNDS = 10;
/** How often memories are compared with a remote that nothing is sent to, and how long ago is just now. Milliseconds. */
const GREETING = 60 * 60_000;
const RECENT = 60_000;

/** What a push is to do beyond what was asked for earlier and is not delivered yet. */
export type Ask = {
	/** Ask for everything that is in the feed by now. */
	toHead: boolean;
	/** Try even if the source is paused after a failure. */
	force: boolean;
};

/** `ask` is what the present round is to do, `next` what is kept for the push after this one. */
type Push =
	| { phase: 'idle' }
	| { phase: 'looking' | 'attempting' | 'settling'; round: number; ask: Ask; next: Ask | null }
	| { phase: 'reporting'; next: Ask | null };

export type PushState = {
	push: Push;
	/** When an attempt last succeeded, in milliseconds; null: never, or memories are to be compared again. */
	metAt: number | null;
	tries: EarlyTries;
};

export type PushEvent =
	| { kind: 'asked'; ask: Ask }
	/** The source has been looked up; one that is gone is not published either. */
	| { kind: 'found'; published: boolean }
	/** An attempt is over. `early`: it was made before its time; `touched`: items are to be settled and sent as well. */
	| { kind: 'attempted'; status: Attempt['status']; began: number; now: number; early: boolean; touched: boolean }
	| { kind: 'settled' }
	/** The push is over: its report is made, or something of ours failed, in whatever phase. */
	| { kind: 'ended' }
	/** The remote's node has come to compare memories. */
	| { kind: 'visited'; now: number };

export type PushAction =
	| { do: 'nothing' }
	/** Look the source up as it is configured by now. */
	| { do: 'look' }
	| { do: 'attempt'; ask: Ask }
	| { do: 'settle' }
	/** Tell those who have asked what became of it. */
	| { do: 'report' };

export type PushStep = { state: PushState; action: PushAction };

export const NO_PUSH: PushState = { push: { phase: 'idle' }, metAt: null, tries: NO_TRIES };

export function advancePush(state: PushState, event: PushEvent): PushStep {
	const { push } = state;

	switch (event.kind) {
		case 'asked':
			if (push.phase === 'idle') return begin(state, event.ask);
			return stay({ ...state, push: { ...push, next: both(push.next, event.ask) } });
		case 'found':
			if (push.phase !== 'looking') return stay(state);
			if (!event.published || push.round >= ROUNDS) return report(state, push.next);
			return { state: { ...state, push: { ...push, phase: 'attempting' } }, action: { do: 'attempt', ask: push.ask } };
		case 'attempted': {
			if (push.phase !== 'attempting') return stay(state);
			const after = { ...state, ...learn(state, event) };
			if (!event.touched) return report(after, push.next);
			return { state: { ...after, push: { ...push, phase: 'settling' } }, action: { do: 'settle' } };
		}
		case 'settled': {
			if (push.phase !== 'settling') return stay(state);
			const again = { phase: 'looking', round: push.round + 1, ask: { toHead: true, force: false } } as const;
			return { state: { ...state, push: { ...again, next: push.next } }, action: { do: 'look' } };
		}
		case 'ended':
			if (push.phase === 'idle') return stay(state);
			return push.next ? begin(state, push.next) : stay({ ...state, push: { phase: 'idle' } });
		case 'visited':
			return stay(isWithin(RECENT, state, event.now) ? state : { ...state, metAt: null });
	}
}

/** Whether memories are to be compared with a remote, if there is nothing to be sent to it. */
export const isGreetingDue = (state: PushState, now: number): boolean => !isWithin(GREETING, state, now);

const isWithin = (span: number, { metAt }: PushState, now: number): boolean => metAt !== null && now - metAt < span;

const stay = (state: PushState): PushStep => ({ state, action: { do: 'nothing' } });

const begin = (state: PushState, ask: Ask): PushStep => ({
	state: { ...state, push: { phase: 'looking', round: 0, ask, next: null } },
	action: { do: 'look' },
});

const report = (state: PushState, next: Ask | null): PushStep => ({
	state: { ...state, push: { phase: 'reporting', next } },
	action: { do: 'report' },
});

const both = (one: Ask | null, other: Ask): Ask => ({
	toHead: one?.toHead || other.toHead,
	force: one?.force || other.force,
});

/** What an attempt tells of the remote. One that was not made, as the source is paused or taken, tells nothing. */
function learn(
	{ metAt, tries }: PushState,
	{ status, began, now, early }: Extract<PushEvent, { kind: 'attempted' }>,
): Pick<PushState, 'metAt' | 'tries'> {
	if (status === 'done') return { metAt: now, tries: afterSuccess(began) };
	if (status === 'failing') return { metAt, tries: afterFailure(tries, began, early) };
	return { metAt, tries };
}
