/** A plan in few lines, for people who are to find out why it fails. */
import type { Event, LinkName, Operation, Plan, Schema } from './plan.ts';

export function describePlan(plan: Plan): string {
	const { topology, nodes, links, faults, old, foreignKeys, quietFrom, events } = plan;
	const isTold = plan.features !== undefined;
	const isVaried = isTold || new Set(links.map(({ schema }) => JSON.stringify(schema))).size > 1;
	const active = Object.entries(faults).filter(([, value]) => value > 0);
	return [
		`${topology} of ${nodes.length} nodes${foreignKeys ? ', comments need their articles' : ''}${plan.onDelete ? ` (${plan.onDelete})` : ''}`,
		...nodes.map((node, number) => {
			const { vendor, processes, skew, maxChanges, lacks = [] } = node;
			const without = lacks.map(({ collection, field }) => (field ? `${collection}.${field}` : collection)).join(' ');
			return `  node ${number}: ${vendor}, ${processes} process(es), clock off by ${skew} ms, takes ${maxChanges} changes at a time${without && `, lacks ${without}`}`;
		}),
		...(isVaried
			? links.map(({ from, to, name = '', schema, earlier }) => {
					const before = earlier ? `, first ${describeSchema(earlier)}` : '';
					return `  ${from} tells ${to}${name}: ${describeSchema(schema)}${before}`;
				})
			: []),
		...old.map(({ item, writes }) => `  before the install: articles ${item}, writes ${writes.join(' ')}`),
		...(active.length > 0 ? [`  faults: ${active.map(([name, value]) => `${name} ${value}`).join(', ')}`] : []),
		...events.map((event) => `  ${String(event.at).padStart(6)} ms: ${describeEvent(event)}`),
		`  ${String(quietFrom).padStart(6)} ms: all is mended`,
		...(plan.retention ? [`  deletions are remembered for ${plan.retention} ms; after that:`] : []),
		...(plan.later ?? []).map((event) => `  ${String(event.at).padStart(6)} ms: ${describeEvent(event)}`),
	].join('\n');
}

const describeSchema = (schema: Schema): string =>
	schema
		.map(
			({ collection, fields, filter }) =>
				`${collection}(${fields.join(' ')}${filter ? ` if ${JSON.stringify(filter)}` : ''})`,
		)
		.join(' ');

const describeLink = ({ from, to, name }: LinkName): string => `the source ${from} to ${to}${name ? ` ${name}` : ''}`;

function describeEvent(event: Event): string {
	if (event.kind === 'cut') return `${event.from} can't reach ${event.to} for ${event.duration} ms`;
	if (event.kind === 'restore') return `node ${event.node} is put back to what it was ${event.age} ms before`;
	if (event.kind === 'pause') return `${event.from} does not publish ${event.to} for ${event.duration} ms`;
	if (event.kind === 'list') return `${describeLink(event)} lists ${describeSchema(event.schema)}`;
	if (event.kind === 'die') return `${event.from} can't reach ${event.to} any more`;
	if (event.kind === 'remove') return `${describeLink(event)} is removed`;
	if (event.kind === 'unpublish') return `${describeLink(event)} is not published any more`;
	if (event.kind === 'restart') return `node ${event.node} is started anew`;
	if (event.kind === 'relist') return `${event.from} lists other fields for ${event.to}`;
	if (event.kind === 'jump') return `node ${event.node}'s clock is set to be off by ${event.skew} ms`;
	if (event.kind === 'crash') {
		return `node ${event.node} dies at its database call ${event.calls} from now, for ${event.downtime} ms`;
	}
	const options = [...(event.rollback ? ['rolled back'] : []), ...(event.flow ? ['with the Flow'] : [])].join(', ');
	return `node ${event.node} writes ${event.operations.map(describeOperation).join(', ')}${options ? ` (${options})` : ''}`;
}

function describeOperation(operation: Operation): string {
	const name = `${operation.collection} ${operation.item}`;
	if (operation.kind === 'delete') return `delete ${name}`;
	const article = operation.article === null ? '' : ` of ${operation.article}`;
	const put = operation.sparse ? 'put sparse' : 'put';
	return `${put} ${name}${article} #${operation.write} (${operation.changed.join(' ')})`;
}
