/** Tells whether a push has touched items: those were edited while it went on, and are not settled yet. */
import type { FeedDep, FeedPort } from '../feed/port.ts';

/** The same ports, and whether anything was touched through them so far that its own source may be waiting for. */
export function watchTouches<Ports extends FeedDep>(ports: Ports): { ports: Ports; touched: () => boolean } {
	let any = false;
	const touch: FeedPort['touch'] = (touches, options) => {
		// What others are to be told, as this source fails, is for the next time that all are looked at.
		any ||= touches.length > 0 && options?.path === undefined;
		return ports.feed.touch(touches, options);
	};
	return { ports: { ...ports, feed: { ...ports.feed, touch } }, touched: () => any };
}
