/** Bundles calls of one task: while it runs, all further calls share a single run after it. */
export function coalesce<T>(task: () => Promise<T>): () => Promise<T> {
	let running: Promise<T> | null = null;
	let following: Promise<T> | null = null;

	const start = (): Promise<T> => {
		const run = task().finally(() => {
			if (running === run) running = null;
		});
		running = run;
		return run;
	};

	return () => {
		if (following) return following;
		if (!running) return start();
		following = running.then(
			() => startFollowing(),
			() => startFollowing(),
		);
		return following;
	};

	function startFollowing(): Promise<T> {
		following = null;
		return start();
	}
}
