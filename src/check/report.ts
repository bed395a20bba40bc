/** What the check answers: steps in order, each with a verdict, a sentence and what to do. Bounded in size. */

/** In the order in which they are tried. */
export const STEPS = [
	'url',
	'reachable',
	'tls',
	'redirects',
	'extension',
	'key',
	'user',
	'versions',
	'clock',
	'identity',
	'listing',
	'collections',
	'fields',
	'permissions',
	'payload',
	'keys',
	'references',
	'plan',
] as const;
export type StepName = (typeof STEPS)[number];

/** One thing that is wrong. An error: something listed will not arrive; a warning: something may not. */
export type Finding = {
	status: 'warning' | 'error';
	/** For machines: never changes its meaning. */
	code: string;
	collection?: string;
	field?: string;
	action?: string;
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
	code: string;
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
export function judge(step: StepName, findings: readonly Finding[], message: string): CheckStep {
	const errors = findings.filter((finding) => finding.status === 'error');
	const sorted = [...errors, ...findings.filter((finding) => finding.status === 'warning')];
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
