/**
 * Free ports below the range systems hand out to outgoing connections (32768 and up): an instance that is
 * stopped for a while must find its port free when it comes back.
 */
import getPort, { portNumbers } from 'get-port';

const FIRST = 20_000;
const LAST = 31_000;
const SPAN = 300;

export function freePort(): Promise<number> {
	const start = FIRST + Math.floor(Math.random() * (LAST - SPAN - FIRST));
	return getPort({ port: portNumbers(start, start + SPAN), host: '127.0.0.1' });
}
