/** What the check answers: steps in order, each with a verdict, a sentence and what to do. Bounded in size. */

import type { FindingCode, StepName } from './codes.ts';

/** What a finding is about; absent where it is about the step as a whole. */
type Place = { collection?: string; field?: string; action?: string };

/** One thing that is wrong. */
export type Finding<Code extends FindingCode = FindingCode> = Place & {
	/** An error: something listed will not arrive; a warning: something may not. */
	status: 'warning' | 'error';
	code: Code;
	/** A sentence. */
	message: string;
	/** What to do. */
	hint: string;
};

export type CheckStep = {
	step: StepName;
	/** `not_tried`: an earlier step has failed that this one builds on. */
	status: 'ok' | 'warning' | 'error' | 'not_tried';
	/** `ok`, `not_tried`, or the code of the gravest finding. */
	code: 'ok' | 'not_tried' | FindingCode;
	message: string;
	hint: string | null;
	/** Everything found, the gravest first; absent when nothing was. */
	findings?: Finding[];
	/** Of the step "listing": what relational fields stand for; absent when none does. */
	expanded?: readonly ExpandedField[];
	/** How many findings were left out to bound the answer; absent when none were. */
	more?: number;
};

/** A listed field without a column, and the collection that travels because of it, with these fields. */
export type ExpandedField = {
	collection: string;
	field: string;
	into: { collection: string; fields: readonly string[] };
};

export type CheckReport = {
	/** The source's id. */
	source: string;
	/** No step has failed; there may be warnings. */
	ok: boolean;
	steps: CheckStep[];
};

const MOST_FINDINGS = 50;
const LONGEST = 600;

export const finding = <Code extends FindingCode>(
	status: Finding['status'],
	code: Code,
	message: string,
	hint: string,
	place: Place = {},
): Finding<Code> => ({ status, code, ...place, message, hint });

export const passed = (step: StepName, message: string): CheckStep => ({
	step,
	status: 'ok',
	code: 'ok',
	message,
	hint: null,
});

export const notTried = (step: StepName, after: StepName): CheckStep => ({
	step,
	status: 'not_tried',
	code: 'not_tried',
	message: `Not tried, because the step "${after}" has failed.`,
	hint: null,
});

/** The step's verdict: its gravest finding, or `message` when there is none. */
export function judge<Name extends StepName>(
	step: Name,
	findings: readonly Finding<FindingCode<Name>>[],
	message = '',
): CheckStep {
	const sorted = [
		...findings.filter(({ status }) => status === 'error'),
		...findings.filter(({ status }) => status === 'warning'),
	];
	const gravest = sorted[0];
	if (!gravest) return passed(step, message);
	const more = sorted.length - MOST_FINDINGS;
	const others = sorted.length === 1 ? '' : ` And ${sorted.length - 1} more, see the findings.`;
	return {
		step,
		status: gravest.status,
		code: gravest.code,
		message: `${gravest.message}${others}`,
		hint: gravest.hint,
		findings: sorted.slice(0, MOST_FINDINGS),
		...(more > 0 && { more }),
	};
}

/**
 * Whether the step leaves nothing to build on: it was not tried itself, or has an error that is about the step as a whole.
 * What is wrong with one collection stops nothing, since there are others.
 */
export const hasFailed = ({ status, findings = [] }: CheckStep): boolean =>
	status === 'not_tried' || findings.some((each) => each.status === 'error' && each.collection === undefined);

/** @param secret is left out of every text, whoever brought it there */
export function toReport(source: string, steps: readonly CheckStep[], secret: string | null): CheckReport {
	const clean = (text: string): string => (secret ? text.replaceAll(secret, '…') : text).slice(0, LONGEST);
	const cleanBoth = <T extends { message: string; hint: string | null }>(each: T): T => ({
		...each,
		message: clean(each.message),
		hint: each.hint === null ? null : clean(each.hint),
	});
	return {
		source,
		ok: steps.every((step) => step.status === 'ok' || step.status === 'warning'),
		steps: steps.map((step) => ({
			...cleanBoth(step),
			...(step.findings && { findings: step.findings.map(cleanBoth) }),
		})),
	};
}
