/** Leases in memory. */
import type { ClockPort, LeasesPort } from '../../../src/directus/port.ts';
import type { Session } from './session.ts';

export function createMemoryLeases(session: Session, clock: ClockPort): LeasesPort {
	return {
		take: (name, milliseconds) =>
			session.call('leases.take', [`lease ${name}`], ({ leases }) => {
				const now = clock.now();
				const held = leases.get(name);
				if (held && held.owner !== session.name && held.expiresAt >= now) return false;
				leases.set(name, { owner: session.name, expiresAt: now + milliseconds });
				return true;
			}),
		release: (name) =>
			session.call('leases.release', [`lease ${name}`], ({ leases }) => {
				if (leases.get(name)?.owner === session.name) leases.delete(name);
			}),
	};
}
