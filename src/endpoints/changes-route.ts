/** `POST /data-sync/changes`: apply a batch, one result per change. */
import { InvalidPayloadError } from '@directus/errors';
import type { ApiExtensionContext } from '@directus/types';
import type { RequestHandler } from 'express';
import { apply } from '../apply/apply.ts';
import { ClockAheadError, OutOfStepError, StaleError } from '../apply/errors.ts';
import { hear } from '../engine/hear.ts';
import { itemId } from '../replication/change.ts';
import { type Batch, batchSchema, decodeBatch, encodeAnswer } from '../wire/batch.ts';
import { authoriseReceiver, running } from './authorise.ts';
import { parseBody } from './parse.ts';
import { BusyError, ClockAhead, OutOfStep } from './route-errors.ts';

export const changesRoute =
	({ database, logger }: ApiExtensionContext): RequestHandler =>
	async (request, response, next) => {
		try {
			const accountability = await authoriseReceiver({ database }, request);
			const { ports, applyAs, engine, files, worker, node } = running();
			const batch = parseBatch(request.body);
			if (batch.node === node) throw new InvalidPayloadError({ reason: 'node: is this very instance' });
			await files.prepare(batch);
			const results = await apply({ ...ports, apply: applyAs(accountability) }, batch);
			await files.expect(batch, results);
			response.json(encodeAnswer(results));
			if (await hear(engine, batch, results)) worker.forwardSoon();
		} catch (error) {
			if (error instanceof OutOfStepError) return next(new OutOfStep({ message: error.message }));
			if (error instanceof ClockAheadError) return next(new ClockAhead({ message: error.message }));
			if (error instanceof StaleError) return next(new BusyError());
			logger.debug(error, 'Data Sync: a batch was not applied');
			next(error);
		}
	};

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
