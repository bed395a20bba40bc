export type TimersPort = {
	/** Milliseconds on a clock that nobody sets; only differences mean anything. */
	now(): number;
	/** Runs something once, so many milliseconds from now, unless it is called off by the function returned. */
	after(milliseconds: number, run: () => void): () => void;
};

export type TimersDep = { timers: TimersPort };
