/** The steps about the remote as a node: its versions, its clock, its identity. */

import { MAX_DRIFT } from '../replication/clock.ts';
import type { NodeId } from '../replication/timestamp.ts';
import { PROTOCOL } from '../wire/batch.ts';
import type { NodeInfo } from '../wire/info.ts';
import type { Meeting, Met } from './port.ts';
import { type CheckStep, type Finding, judge } from './report.ts';

/** From so many milliseconds on, the later of two edits may lose. */
const NOTICEABLE = 5_000;

type Versions = { version: string; directus: string | null };

export function versionsStep(own: Versions, meeting: Exclude<Meeting, { outcome: 'failed' }>): CheckStep {
	if (meeting.outcome === 'other_protocol') {
		const theirs = meeting.version === null ? '' : ` (Data Sync ${meeting.version})`;
		const finding: Finding = {
			status: 'error',
			code: 'other_protocol',
			message: `The remote speaks protocol ${meeting.protocol}${theirs}, this instance ${PROTOCOL} (Data Sync ${own.version}).`,
			hint: 'Install the same version of Data Sync on both instances.',
		};
		return judge('versions', [finding], '');
	}

	const { info } = meeting;
	const findings: Finding[] = [];
	if (info.version !== null && major(info.version) !== major(own.version)) {
		findings.push({
			status: 'warning',
			code: 'other_version',
			message: `The remote has Data Sync ${info.version}, this instance ${own.version}.`,
			hint: 'They understand each other, but install the same version on both to have the same features.',
		});
	}
	if (info.directus !== null && own.directus !== null && major(info.directus) !== major(own.directus)) {
		findings.push({
			status: 'warning',
			code: 'other_directus',
			message: `The remote runs Directus ${info.directus}, this instance ${own.directus}.`,
			hint: 'Upgrade the older one: types and rules may differ between major versions.',
		});
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
		return judge('clock', [{ status: 'error', code: 'clock_too_far', message, hint }], '');
	}
	if (certain >= NOTICEABLE) {
		const message = `${told}: when both edit the same field within that time, the earlier edit may win.`;
		return judge('clock', [{ status: 'warning', code: 'clock_offset', message, hint }], '');
	}
	return judge('clock', [], `${told}.`);
}

const seconds = (milliseconds: number): string => {
	const rounded = Math.round(milliseconds / 100) / 10;
	return rounded === 1 ? '1 second' : `${rounded} seconds`;
};

export function identityStep(own: NodeId, { node }: NodeInfo): CheckStep {
	const finding: Finding = {
		status: 'error',
		code: 'own_node',
		message: 'The URL leads back to this very instance, or to a copy of it that still has its identity.',
		hint: 'Enter the URL of another instance; restart a copy with its own PUBLIC_URL.',
	};
	return judge('identity', node === own ? [finding] : [], 'The remote is another instance.');
}
