import { createSystemClock } from '../../src/directus/system-clock.ts';
import { createVirtualClock } from '../simulator/memory/clock.ts';
import { describeClock } from './clock.ts';

let processes = 0;

describeClock('of the simulator', (node, last) => {
	processes += 1;
	const process = processes.toString(16).padStart(4, '0');
	return createVirtualClock({ node, process, last, wall: () => Date.now() });
});

describeClock('of a Directus process', createSystemClock);
