import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Timing of whole processes. */

export const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Timing {
	readonly seconds: number;
	/** Highest resident memory, from /proc (Linux); undefined elsewhere. */
	readonly peakMb: number | undefined;
	readonly stdout: string;
}

/** Runs a command to its end. @throws Error with its stderr when it fails. */
export async function timed(
	command: string,
	args: readonly string[],
	env: NodeJS.ProcessEnv = {},
): Promise<Timing> {
	const start = performance.now();
	const child = spawn(command, args, {
		cwd: root,
		env: { ...process.env, ...env },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let stdout = "";
	let stderr = "";
	let peakMb: number | undefined;
	child.stdout.on("data", (data: Buffer) => {
		stdout += data;
	});
	child.stderr.on("data", (data: Buffer) => {
		stderr += data;
	});
	const poll = setInterval(() => {
		peakMb = peakOf(child.pid) ?? peakMb;
	}, 20);
	const code = await new Promise<number | null>((resolve) =>
		child.on("close", resolve),
	);
	clearInterval(poll);
	if (code !== 0)
		throw new Error(
			`${command} ${args.join(" ")} ended with ${code}\n${stderr}`,
		);
	return { seconds: (performance.now() - start) / 1000, peakMb, stdout };
}

function peakOf(pid: number | undefined): number | undefined {
	try {
		const match = /VmHWM:\s+(\d+) kB/.exec(
			readFileSync(`/proc/${pid}/status`, "utf8"),
		);
		return match ? Number(match[1]) / 1024 : undefined;
	} catch {
		return undefined;
	}
}

/** Graft as a user starts it, without npm. */
export function graft(
	args: readonly string[],
	env: NodeJS.ProcessEnv = {},
): Promise<Timing> {
	return timed(process.execPath, ["src/graft.cjs", ...args], env);
}

export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1
		? (sorted[middle] as number)
		: ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
