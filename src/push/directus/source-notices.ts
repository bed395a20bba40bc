/** What the users of a source are told: once when it fails, once when it works again, once about refused items. */

import type { Notifier } from '../../directus/notify.ts';
import type { Source } from '../../sources/port.ts';
import { textToMarkdown } from '../../wire/markdown.ts';
import type { NotifyPort } from '../port.ts';
import { describeWarning } from '../warnings.ts';

export function createSourceNotices(notifier: Notifier): NotifyPort {
	const tell = (source: Source, subject: string, message: string) =>
		notifier.notifyUsers(source.usersNotification, subject.replaceAll(/\s+/g, ' '), message);

	return {
		outage: (source, since, error) =>
			tell(
				source,
				`Data Sync: "${source.name}" is not receiving changes`,
				`Since ${at(since)} changes can't be delivered to ${remoteOf(source)}.\n\n${textToMarkdown(error)}\n\nNothing is lost: all changes are kept and delivered, in order, as soon as it works again. You will be told.`,
			),
		recovered: (source, since) =>
			tell(
				source,
				`Data Sync: "${source.name}" receives changes again`,
				`${remoteOf(source)} works again. What had changed since ${at(since)} has been delivered.`,
			),
		leftOut: (source, warnings) =>
			tell(
				source,
				`Data Sync: "${source.name}" lacks what some items refer to`,
				`${nameOfSource(source)} does not have everything that the items sent to it refer to. They were sent without those references, or not at all; nothing else is held up by it, and you are told once.

${warnings.map((each) => `- ${textToMarkdown(describeWarning(each))}`).join('\n')}`,
			),
		refused: (source, failed, example) =>
			tell(
				source,
				`Data Sync: "${source.name}" refused ${failed === 1 ? 'an item' : `${failed} items`}`,
				`${nameOfSource(source)} did not take ${failed === 1 ? 'an item' : `${failed} items`}; all others were delivered. For example ${textToMarkdown(`${example.collection} ${example.item}: ${example.message}`)}\n\nSee "Data Sync Deliveries" for all of them. Fix the cause, then select them there and run the Flow "Data Sync: resync".`,
			),
		incomplete: (source, todo) =>
			tell(source, `Data Sync: "${source.name}" misses deletions`, `${remoteOf(source)}: ${textToMarkdown(todo)}`),
	};
}

const nameOfSource = ({ name }: Source): string => `**${textToMarkdown(name)}**`;
const remoteOf = (source: Source): string => `${nameOfSource(source)} (${textToMarkdown(source.url)})`;

const at = (milliseconds: number): string =>
	`${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
