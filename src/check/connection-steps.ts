/** The steps from the URL to the Data Sync user; all but the first are told from the outcome of one request. */

import type { Source } from '../sources/port.ts';
import type { RemoteError } from '../wire/remote-error.ts';
import { exposureOf } from '../wire/remote-url.ts';
import type { FindingCode } from './codes.ts';
import type { Meeting } from './port.ts';
import { type CheckStep, type Finding, finding, judge, passed } from './report.ts';

/** What the first request to a remote tells. */
export type ConnectionStep = 'reachable' | 'tls' | 'redirects' | 'extension' | 'key' | 'user';

const TLS_CODE = /CERT|TLS|SSL|EPROTO|SELF_SIGNED|ISSUER/;
const TOKEN_HINT =
	'Open the user "Data Sync Directus" on the remote, generate a static token, save, and enter it as the API key.';

/** Where the connection fails, and why. */
export type ConnectionFault = { step: ConnectionStep; finding: Finding<FindingCode<ConnectionStep>> };

const fault = <Name extends ConnectionStep>(
	step: Name,
	code: FindingCode<Name>,
	message: string,
	hint: string,
): ConnectionFault => ({ step, finding: finding('error', code, message, hint) });

export function urlStep({ url, configurationFaults }: Source): CheckStep {
	const problem = configurationFaults?.url;
	if (!problem) return passed('url', 'The URL is well-formed.');
	const hint = url === '' ? 'Enter the address of the remote, as in its PUBLIC_URL.' : 'Correct the URL of the source.';
	return judge('url', [finding('error', 'bad_url', problem, hint)]);
}

/** Of a connection that has not failed in a step before this one. */
export function connectionStep(step: ConnectionStep, source: Source, meeting: Meeting): CheckStep {
	const found = connectionFault(source, meeting);
	if (found?.step === step) return judge(step, [found.finding]);
	return step === 'tls' ? tlsStep(source) : passed(step, MESSAGES[step]);
}

const MESSAGES: Record<Exclude<ConnectionStep, 'tls'>, string> = {
	reachable: 'The remote answers.',
	redirects: 'The remote does not redirect.',
	extension: 'Data Sync runs on the remote.',
	key: 'The remote accepts the API key.',
	user: 'The API key belongs to the Data Sync user.',
};

/** Null when the connection does not fail. */
export function connectionFault(source: Source, meeting: Meeting): ConnectionFault | null {
	if (meeting.outcome === 'failed') return toFault(source, meeting.error);
	if (meeting.outcome === 'met' && !meeting.info.receiver) {
		return fault('user', 'other_user', 'The API key belongs to another user of the remote, an admin.', TOKEN_HINT);
	}
	return null;
}

function tlsStep({ url }: Source): CheckStep {
	const exposure = exposureOf(url);
	if (exposure === 'encrypted') return passed('tls', 'The connection is encrypted, and the certificate is valid.');
	if (exposure === 'local') {
		return passed('tls', 'The connection is not encrypted, but does not leave this machine.');
	}
	const message = 'The connection is not encrypted: everybody on the way can read the API key and the content.';
	const hint = 'Serve the remote by https:// and enter that address, unless the network between the two is your own.';
	return judge('tls', [finding('warning', 'not_encrypted', message, hint)]);
}

function toFault(source: Source, { message, kind, detail }: RemoteError): ConnectionFault {
	const { status, code = '' } = detail;

	if (code === 'REDIRECT') {
		return fault('redirects', 'redirects', message, 'Enter the final address as the URL of the source.');
	}
	if (code === 'DENIED_ADDRESS') {
		const hint = 'Change IMPORT_IP_DENY_LIST in the environment of this instance, if the remote really is there.';
		return fault('reachable', 'denied_address', message, hint);
	}
	if (status === undefined && kind === 'unreachable') {
		return TLS_CODE.test(code) ? tlsFault(source, code) : unreachable(source, code);
	}
	if (status === 401 || status === 403) return refused(source, status, code);
	if (status === 429 || status === 503) {
		const hint = 'Try again. If it stays so, look at the log of the remote: its setup may have failed.';
		return fault('extension', 'not_ready', `The remote asks to wait (HTTP ${status}).`, hint);
	}
	if (kind === 'incompatible') {
		const hint =
			'Install Data Sync on the remote and restart it. If it is there, check that the URL is that of Directus, not of a website or of a folder in it.';
		return fault('extension', 'no_data_sync', message, hint);
	}
	return fault('extension', 'remote_failed', message, 'Look at the log of the remote.');
}

function unreachable({ url }: Source, code: string): ConnectionFault {
	const { host, hostname } = new URL(url);
	if (/ENOTFOUND|EAI_AGAIN|ENODATA/.test(code)) {
		const hint = 'Check the spelling of the URL, and that this server can resolve that name.';
		return fault('reachable', 'unknown_host', `There is no address for ${hostname}.`, hint);
	}
	if (code === 'ECONNREFUSED') {
		const hint = 'Check the port of the URL, and that the remote runs.';
		return fault('reachable', 'connection_refused', `Nothing listens at ${host}.`, hint);
	}
	const reason = code === '' ? '' : ` (${code})`;
	const hint = 'Check that the remote runs, and that firewalls let this server connect to it.';
	return fault('reachable', 'no_answer', `${host} does not answer in time or breaks the connection${reason}.`, hint);
}

function tlsFault({ url }: Source, code: string): ConnectionFault {
	const { host, protocol } = new URL(url);
	if (protocol === 'https:' && /EPROTO|WRONG_VERSION/.test(code)) {
		return fault(
			'tls',
			'no_tls',
			`${host} does not speak TLS (${code}).`,
			'Check the port, or enter http:// if that is meant.',
		);
	}
	const hint =
		'Renew or complete the certificate of the remote, or make its issuer known to this instance by NODE_EXTRA_CA_CERTS.';
	return fault('tls', 'bad_certificate', `This server does not trust the certificate of ${host} (${code}).`, hint);
}

function refused({ apiKey }: Source, status: number, code: string): ConnectionFault {
	if (apiKey === null) {
		const message = 'The API key is empty, or was encrypted with another SECRET than this instance has.';
		return fault('key', 'no_key', message, TOKEN_HINT);
	}
	if (status === 403 && code === 'FORBIDDEN') {
		return fault('user', 'other_user', 'The API key belongs to another user of the remote.', TOKEN_HINT);
	}
	const message = `The remote refuses the API key (HTTP ${status}).`;
	return fault('key', 'refused', message, `${TOKEN_HINT} The user must be active.`);
}
