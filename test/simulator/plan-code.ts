/** A plan as one word, short enough for a log and a command line. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Plan } from './plan.ts';

export const encodePlan = (plan: Plan): string => deflateRawSync(JSON.stringify(plan)).toString('base64url');

export const decodePlan = (code: string): Plan =>
	JSON.parse(inflateRawSync(Buffer.from(code, 'base64url')).toString()) as Plan;
