/** `POST /data-sync/changes`: apply a batch, one result per change. */
import { InvalidPayloadError } from '@directus/errors';
import type { ApiExtensionContext } from '@directus/types';
import type { RequestHandler, Response } from 'express';
import { apply } from '../apply/apply.ts';
import { QueueFullError, RequestGoneError } from '../apply/apply-queue.ts';
import { ClockAheadError, OutOfStepError, StaleError } from '../apply/errors.ts';
import { isBusy } from '../directus/when-not-busy.ts';
import { hear } from '../engine/hear.ts';
import { itemId } from '../replication/change.ts';
import { type Batch, batchSchema, decodeBatch, encodeAnswer } from '../wire/batch.ts';
import { authoriseReceiver, running } from './authorise.ts';
import { parseBody } from './parse.ts';
import { BusyError, ClockAhead, OutOfStep, QueueFull } from './route-errors.ts';

/** After so many milliseconds an edit that was in the way is probably over. */
const EDITED = 2000;

export const changesRoute =
	({ database, logger }: ApiExtensionContext): RequestHandler =>
	async (request, response, next) => {
		try {
			const gone = goneWith(response);
			const accountability = await authoriseReceiver({ database }, request);
			const { ports, applyAs, applyQueue, engine, files, worker, node } = running();
			const batch = parseBatch(request.body);
			if (batch.node === node) throw new InvalidPayloadError({ reason: 'node: is this very instance' });
			await files.prepare(batch);
			const deps = { ...ports, apply: applyAs(accountability) };
			const results = await applyQueue.run(() => apply(deps, batch), gone);
			await files.expect(batch, results);
			response.json(encodeAnswer(results));
			if (await hear(engine, batch, results)) worker.forwardSoon();
		} catch (error) {
			if (error instanceof OutOfStepError) return next(new OutOfStep({ message: error.message }));
			if (error instanceof ClockAheadError) return next(new ClockAhead({ message: error.message }));
			if (error instanceof RequestGoneError) return;
			if (error instanceof QueueFullError) return next(later(response, error.retryAfter, new QueueFull()));
			if (error instanceof StaleError || isBusy(error)) return next(later(response, EDITED, new BusyError()));
			logger.debug(error, 'Data Sync: a batch was not applied');
			next(error);
		}
	};

/** Aborted once nobody waits for the answer any more. */
function goneWith(response: Response): AbortSignal {
	const gone = new AbortController();
	response.once('close', () => gone.abort());
	return gone.signal;
}

/** The error, and on the answer in how many milliseconds to come back. */
function later(response: Response, milliseconds: number, error: Error): Error {
	response.set('Retry-After', String(Math.ceil(milliseconds / 1000)));
	return error;
}

/** Rejects anything that is not a batch, naming the field; nothing has been written by then. */
function parseBatch(body: unknown): Batch {
	const batch = decodeBatch(parseBody(batchSchema, body));
	const seen = new Set<string>();

	for (const [index, { collection, item }] of batch.changes.entries()) {
		const id = itemId(collection, item);
		if (seen.has(id)) throw new InvalidPayloadError({ reason: `changes.${index}.item: names an item twice` });
		seen.add(id);
	}

	return batch;
}
