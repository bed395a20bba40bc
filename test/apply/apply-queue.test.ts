import { describe, expect, it } from 'vitest';
import { createApplyQueue, QueueFullError, RequestGoneError } from '../../src/apply/apply-queue.ts';

describe('the queue of batches', () => {
	const setUp = (most: number) => {
		const wall = { now: 0 };
		const queue = createApplyQueue(() => wall.now, most);
		const log: string[] = [];
		const ends = new Map<string, (error?: Error) => void>();
		const enter = (name: string, gone: AbortSignal = new AbortController().signal) =>
			queue.run(() => {
				log.push(name);
				return new Promise<string>((resolve, reject) => {
					ends.set(name, (error) => (error ? reject(error) : resolve(name)));
				});
			}, gone);
		return { wall, log, enter, end: (name: string, error?: Error) => ends.get(name)?.(error) };
	};

	it('runs one at a time, in the order in which they came', async () => {
		const { enter, end, log } = setUp(5);
		const all = [enter('a'), enter('b'), enter('c')];
		expect(log).toEqual(['a']);
		end('a');
		await all[0];
		await Promise.resolve();
		expect(log).toEqual(['a', 'b']);
		end('b');
		await all[1];
		await Promise.resolve();
		end('c');
		expect(await Promise.all(all)).toEqual(['a', 'b', 'c']);
	});

	it('goes on after one that fails, and is free again after the last', async () => {
		const { enter, end } = setUp(5);
		const [first, second] = [enter('a'), enter('b')];
		end('a', new Error('broken'));
		await expect(first).rejects.toThrow('broken');
		await Promise.resolve();
		end('b');
		expect(await second).toBe('b');
		const third = enter('c');
		end('c');
		expect(await third).toBe('c');
	});

	it('lets only a few wait, and tells the others when there will be room', async () => {
		const { enter, end, wall } = setUp(2);
		const first = enter('a');
		wall.now = 9000;
		end('a');
		await first;
		void [enter('b'), enter('c'), enter('d')];
		const refused = await enter('e').catch((error: unknown) => error);
		// One took nine seconds where one was guessed: three on average by now, and two wait.
		expect(refused).toBeInstanceOf(QueueFullError);
		expect((refused as QueueFullError).retryAfter).toBe(6000);
	});

	it('says never less than a second, and never more than half a minute', async () => {
		const { enter, end, wall } = setUp(0);
		const after = async (name: string, took: number) => {
			const running = enter(name);
			const refused = await enter('refused').catch((error: QueueFullError) => error.retryAfter);
			wall.now += took;
			end(name);
			await running;
			return refused;
		};
		expect(await after('a', 3_600_000)).toBe(1000);

		const slow = setUp(1);
		const first = slow.enter('a');
		slow.wall.now = 3_600_000;
		slow.end('a');
		await first;
		void [slow.enter('b'), slow.enter('c')];
		expect(await slow.enter('d').catch((error: QueueFullError) => error.retryAfter)).toBe(30_000);
	});

	it('forgets who has gone while they waited, and leaves their place to others', async () => {
		const { enter, end, log } = setUp(1);
		const gone = new AbortController();
		const first = enter('a');
		const second = enter('b', gone.signal);
		gone.abort();
		await expect(second).rejects.toBeInstanceOf(RequestGoneError);
		const third = enter('c');
		end('a');
		await first;
		await Promise.resolve();
		end('c');
		await third;
		expect(log).toEqual(['a', 'c']);
	});

	it('does nothing for who has gone before, and stops nothing that has begun', async () => {
		const { enter, end, log } = setUp(1);
		await expect(enter('a', AbortSignal.abort())).rejects.toBeInstanceOf(RequestGoneError);
		const gone = new AbortController();
		const begun = enter('b', gone.signal);
		gone.abort();
		end('b');
		expect(await begun).toBe('b');
		expect(log).toEqual(['b']);
	});
});
