/** Installing the extension in an instance that has been in use without it. */
import { installExtension } from './extension.ts';
import type { Instance } from './instance.ts';
import { waitFor } from './wait-for.ts';

/** Restarts the instance with the extension; resolves when that answers. */
export async function installLate(instance: Instance): Promise<void> {
	await instance.stop();
	await installExtension(instance.directory);
	await instance.start();
	await waitFor(`the extension in ${instance.name}`, async () => {
		const { status, body } = await instance.api('GET', '/data-sync/info');
		if (status !== 200) throw new Error(`GET /data-sync/info answered ${status}: ${JSON.stringify(body)}`);
		return true;
	});
}
