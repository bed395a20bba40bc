/** Keeps the nodes' processes running: one that dies is followed by another. */
import { type Process, startProcess } from './process.ts';
import type { Host, World } from './world.ts';

export type Nodes = {
	/** Any of the node's processes, as a load balancer chooses; null when none is up. */
	processOf(node: number): Process | null;
	/** Kills all processes of a node, changes what is left of it, and starts it again. */
	restart(node: number, change: (host: Host) => void): void;
};

export function startNodes(world: World): Nodes {
	const running = world.hosts.map(() => new Set<Process>());

	const start = (host: Host): void => {
		const process = startProcess(world, host, (downtime) => {
			running[host.number]?.delete(process);
			world.scheduler.after(downtime, world, () => start(host));
		});
		running[host.number]?.add(process);
	};

	const startAll = (host: Host): void => {
		for (let count = 0; count < host.plan.processes; count += 1) start(host);
	};

	const processOf = (node: number): Process | null => {
		const processes = [...(running[node] ?? [])];
		return processes.length === 0 ? null : (world.hosts[node]?.random.pick(processes) ?? null);
	};

	for (const host of world.hosts) {
		startAll(host);
		world.network.listen(host.number, (body) => processOf(host.number)?.receive(body) ?? null);
	}

	return {
		processOf,
		restart: (node, change) => {
			const host = world.hosts[node];
			if (!host) return;
			for (const process of running[node] ?? []) process.kill();
			running[node]?.clear();
			change(host);
			startAll(host);
		},
	};
}
