/** The steps about the remote as a node: its versions, its clock, its identity. */

import { MAX_DRIFT } from '../replication/clock.ts';
import type { NodeId } from '../replication/timestamp.ts';
import { PROTOCOL } from '../wire/batch.ts';
import type { Introduction, NodeInfo } from '../wire/info.ts';
import type { FindingCode } from './codes.ts';
import type { Met } from './port.ts';
import { type CheckStep, type Finding, finding, judge } from './report.ts';

/** From so many milliseconds on, the later of two edits may lose. */
const NOTICEABLE = 5_000;

type Versions = { version: string; directus: string | null };

export function versionsStep(own: Versions, introduction: Introduction): CheckStep {
	if (introduction.outcome === 'other_protocol') {
		const theirs = introduction.version === null ? '' : ` (Data Sync ${introduction.version})`;
		const message = `The remote speaks protocol ${introduction.protocol}${theirs}, this instance ${PROTOCOL} (Data Sync ${own.version}).`;
		const hint = 'Install the same version of Data Sync on both instances.';
		return judge('versions', [finding('error', 'other_protocol', message, hint)]);
	}

	const { info } = introduction;
	const findings: Finding<FindingCode<'versions'>>[] = [];
	if (info.version !== null && major(info.version) !== major(own.version)) {
		const message = `The remote has Data Sync ${info.version}, this instance ${own.version}.`;
		const hint = 'They understand each other, but install the same version on both to have the same features.';
		findings.push(finding('warning', 'other_version', message, hint));
	}
	if (info.directus !== null && own.directus !== null && major(info.directus) !== major(own.directus)) {
		const message = `The remote runs Directus ${info.directus}, this instance ${own.directus}.`;
		const hint = 'Upgrade the older one: types and rules may differ between major versions.';
		findings.push(finding('warning', 'other_directus', message, hint));
	}
	return judge('versions', findings, `Both speak protocol ${PROTOCOL}${described(info)}.`);
}

const major = (version: string): string => version.split('.')[0] ?? version;

const described = ({ version, directus }: NodeInfo): string =>
	version === null || directus === null ? '' : `; the remote has Data Sync ${version} on Directus ${directus}`;

/** The offset is known to half a round trip; what lies within that is not held against anyone. */
export function clockStep({ info, sentAt, receivedAt }: Met): CheckStep {
	const offset = Math.round(info.now - (sentAt + receivedAt) / 2);
	const certain = Math.abs(offset) - (receivedAt - sentAt) / 2;
	const told = `The remote's clock is ${seconds(Math.abs(offset))} ${offset < 0 ? 'behind' : 'ahead of'} this instance's`;
	const hint = 'Set both clocks by NTP.';

	if (certain >= MAX_DRIFT) {
		const limit = `${MAX_DRIFT / 60_000} minutes`;
		const message = `${told}; changes that are stamped more than ${limit} ahead are refused.`;
		return judge('clock', [finding('error', 'clock_too_far', message, hint)]);
	}
	if (certain >= NOTICEABLE) {
		const message = `${told}: when both edit the same field within that time, the earlier edit may win.`;
		return judge('clock', [finding('warning', 'clock_offset', message, hint)]);
	}
	return judge('clock', [], `${told}.`);
}

const seconds = (milliseconds: number): string => {
	const rounded = Math.round(milliseconds / 100) / 10;
	return rounded === 1 ? '1 second' : `${rounded} seconds`;
};

export function identityStep(own: NodeId, { node }: NodeInfo): CheckStep {
	const message = 'The URL leads back to this very instance, or to a copy of it that still has its identity.';
	const hint = 'Enter the URL of another instance; restart a copy with its own PUBLIC_URL.';
	const findings = node === own ? [finding('error', 'own_node', message, hint)] : [];
	return judge('identity', findings, 'The remote is another instance.');
}
