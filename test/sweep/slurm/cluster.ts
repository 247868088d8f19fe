import { execFileSync } from "node:child_process";
import {
	mkdtempSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A real Slurm on this machine: two nodes with four cores and two GPUs each (links to /dev/null). */
export interface Cluster {
	readonly folder: string;
	/** What sbatch, squeue and graft need to find it. */
	readonly env: NodeJS.ProcessEnv;
	/** One of Slurm's commands; its stdout. */
	readonly call: (command: string, ...args: string[]) => string;
	/** Starts daemons that are down. */
	readonly revive: () => void;
	/** kill -9: a node's daemon, with what runs on it or without; or the controller, which saves its state if asked politely. */
	readonly kill: (
		what: "node0" | "node1" | "controller",
		more?: "and its jobs" | "politely",
	) => void;
	readonly stop: () => void;
}

/** Starts a cluster in a folder of its own. */
export async function startCluster(): Promise<Cluster> {
	const folder = mkdtempSync(join(tmpdir(), "gs-"));
	const port = await freePort();
	const setup: NodeJS.ProcessEnv = {
		...process.env,
		SLURM_PORT: String(port),
		SLURM_SLURMD_TIMEOUT: "5",
		SLURM_NO_INSTALL: "1",
	};
	const script = (name: string, ...args: string[]) =>
		execFileSync(join(import.meta.dirname, name), [folder, ...args], {
			env: setup,
			stdio: ["ignore", "ignore", "pipe"],
		});
	script("slurm-up.sh");
	const env = {
		...process.env,
		SLURM_CONF: join(folder, "etc", "slurm.conf"),
		SLURM_TEST_DIR: folder,
		NO_COLOR: "1",
		// Records of this machine's own disk are there at once.
		GRAFT_SLURM_GRACE: "1",
		GRAFT_SLURM_POLL: "1",
	};
	return {
		folder,
		env,
		call: (command, ...args) =>
			execFileSync(command, args, { env, encoding: "utf8" }),
		revive: () => script("slurm-up.sh"),
		kill: (what, more) => {
			const file = what === "controller" ? "slurmctld" : what;
			const pid = Number(
				readFileSync(join(folder, "run", `${file}.pid`), "utf8"),
			);
			process.kill(pid, more === "politely" ? "SIGTERM" : "SIGKILL");
			if (more === "and its jobs")
				for (const job of processesOf(folder, what)) killOne(job);
		},
		stop: () => {
			script("slurm-down.sh", "--purge");
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

/** A base of ports that nothing listens on: the controller takes it, the nodes the next two. */
async function freePort(): Promise<number> {
	for (let port = 21_000 + (process.pid % 4000); ; port += 5) {
		const free = await Promise.all([port, port + 1, port + 2].map(isFree));
		if (free.every(Boolean)) return port;
	}
}

function isFree(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const server = createServer();
		server.once("error", () => resolve(false));
		server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
	});
}

/**
 * What a node of this cluster runs: jobs' processes carry its name in their environment, step daemons write into its log.
 */
function processesOf(folder: string, node: string): readonly number[] {
	const numbers = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
	return numbers.map(Number).filter((pid) => {
		const environment = read(`/proc/${pid}/environ`).split("\0");
		if (!environment.includes(`SLURM_CONF=${folder}/etc/slurm.conf`))
			return false;
		if (environment.includes(`SLURMD_NODENAME=${node}`)) return true;
		const isStep = read(`/proc/${pid}/cmdline`).startsWith("slurmstepd");
		return isStep && opens(pid, `${folder}/log/${node}.log`);
	});
}

function opens(pid: number, path: string): boolean {
	try {
		return readdirSync(`/proc/${pid}/fd`).some(
			(fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === path,
		);
	} catch {
		return false;
	}
}

function read(path: string): string {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return "";
	}
}

function killOne(pid: number): void {
	try {
		process.kill(pid, "SIGKILL");
	} catch {
		// It has just ended.
	}
}

/** Waits until something holds; fails with what was waited for. */
export async function until(
	what: string,
	holds: () => boolean,
	seconds = 90,
): Promise<void> {
	const end = Date.now() + seconds * 1000;
	while (!holds()) {
		if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
		await sleep(100);
	}
}
