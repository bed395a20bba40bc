/** What the limits of a plan, or somebody, have switched off. */
import type { NodeShape } from '../wire/shapes.ts';
import type { FlowState } from './port.ts';
import { type CheckStep, type Finding, judge } from './report.ts';

export function planStep(
	flows: { push: FlowState; resync: FlowState },
	own: ReadonlyMap<string, NodeShape>,
	remote: ReadonlyMap<string, NodeShape>,
): CheckStep {
	const findings = [
		...ofFlow('Data Sync: push changes', flows.push, 'Changes are remembered, and not sent by themselves.'),
		...ofFlow('Data Sync: resync', flows.resync, 'Nothing can be sent once more by hand.'),
		...[...own.values()].filter((shape) => !shape.active).map(inactiveHere),
		...[...remote.values()].filter((shape) => shape.ignored.length > 0).map(ignored),
	];
	return judge('plan', findings, 'The Flows are active, and no limit of a plan is in the way.');
}

function ofFlow(name: string, state: FlowState, effect: string): Finding[] {
	if (state === 'active') return [];
	if (state === 'missing') {
		const hint = 'Restart this instance: setup creates it anew, unless schema changes are switched off.';
		return [{ status: 'warning', code: 'flow_missing', message: `The Flow "${name}" is missing. ${effect}`, hint }];
	}
	const hint =
		'Activate it under Settings > Flows. An unlicensed Directus 12 allows five active Flows: deactivate one you can do without.';
	return [{ status: 'warning', code: 'flow_inactive', message: `The Flow "${name}" is inactive. ${effect}`, hint }];
}

const inactiveHere = ({ collection }: NodeShape): Finding => ({
	status: 'error',
	code: 'inactive_collection',
	collection,
	message: `The collection "${collection}" is switched off on this instance by the limit of its plan.`,
	hint: 'Switch it on in place of another one, or raise the plan.',
});

const ignored = ({ collection, ignored: actions }: NodeShape): Finding => ({
	status: 'warning',
	code: 'ignored_permission',
	collection,
	message: `On the remote's plan Directus ignores permissions of the policy "Data Sync" in "${collection}" that have rules or a choice of fields (${actions.join(', ')}).`,
	hint: 'Give them for all fields and without rules; what is listed in the source decides which fields travel.',
});
