/** The environment of a quiet instance on loopback, beyond its database and secret. */
import type { Env } from './directus-process.ts';

export function instanceEnv(port: number): Env {
	return {
		HOST: '127.0.0.1',
		PORT: String(port),
		PUBLIC_URL: `http://127.0.0.1:${port}`,
		CACHE_ENABLED: 'false',
		RATE_LIMITER_ENABLED: 'false',
		// It answers 503 for a moment when the machine is busy, as it is right after a start.
		PRESSURE_LIMITER_ENABLED: 'false',
		WEBSOCKETS_ENABLED: 'false',
		EMAIL_VERIFY_SETUP: 'false',
		// Directus denies outgoing requests to the machine's own addresses by default; here all peers live there.
		IMPORT_IP_DENY_LIST: '169.254.169.254',
		// Browsers share cookies between the ports of a host: own names keep one Studio from signing out another.
		REFRESH_TOKEN_COOKIE_NAME: `directus_refresh_${port}`,
		SESSION_COOKIE_NAME: `directus_session_${port}`,
	};
}
