/** What the limits of a plan, or somebody, have switched off. */
import type { NodeShape } from '../wire/shapes.ts';
import type { FindingCode } from './codes.ts';
import type { Shapes } from './facts.ts';
import type { FlowState } from './port.ts';
import { type CheckStep, type Finding, finding, judge } from './report.ts';

export function planStep(flows: { push: FlowState; resync: FlowState }, own: Shapes, remote: Shapes): CheckStep {
	const findings = [
		...ofFlow('Data Sync: push changes', flows.push, 'Changes are remembered, and not sent by themselves.'),
		...ofFlow('Data Sync: resync', flows.resync, 'Nothing can be sent once more by hand.'),
		...[...own.values()].filter((shape) => !shape.active).map(inactiveHere),
		...[...remote.values()].filter((shape) => shape.ignored.length > 0).map(ignored),
	];
	return judge('plan', findings, 'The Flows are active, and no limit of a plan is in the way.');
}

type Found = Finding<FindingCode<'plan'>>;

function ofFlow(name: string, state: FlowState, effect: string): Found[] {
	if (state === 'active') return [];
	if (state === 'missing') {
		const hint = 'Restart this instance: setup creates it anew, unless schema changes are switched off.';
		return [finding('warning', 'flow_missing', `The Flow "${name}" is missing. ${effect}`, hint)];
	}
	const hint =
		'Activate it under Settings > Flows. An unlicensed Directus 12 allows five active Flows: deactivate one you can do without.';
	return [finding('warning', 'flow_inactive', `The Flow "${name}" is inactive. ${effect}`, hint)];
}

function inactiveHere({ collection }: NodeShape): Found {
	const message = `The collection "${collection}" is switched off on this instance by the limit of its plan.`;
	return finding('error', 'inactive_collection', message, 'Switch it on in place of another one, or raise the plan.', {
		collection,
	});
}

function ignored({ collection, ignored: actions }: NodeShape): Found {
	const message = `On the remote's plan Directus ignores permissions of the policy "Data Sync" in "${collection}" that have rules or a choice of fields (${actions.join(', ')}).`;
	const hint = 'Give them for all fields and without rules; what is listed in the source decides which fields travel.';
	return finding('warning', 'ignored_permission', message, hint, { collection });
}
