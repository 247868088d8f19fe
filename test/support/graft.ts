import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Ended {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** A folder of its own for a test, removed after it. */
export function folderFor(context: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), "graft-test-"));
	context.after(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

/** The environment that keeps a test's runs and features in its own folder. */
export function envFor(folder: string): NodeJS.ProcessEnv {
	return {
		...process.env,
		NO_COLOR: "1",
		GRAFT_RUNS: join(folder, "runs"),
		GRAFT_CACHE: join(folder, "cache"),
		// Weights that Python has fetched on this machine are no part of a test.
		TORCH_HOME: join(folder, "torch"),
		HF_HOME: join(folder, "huggingface"),
	};
}

/** Starts the program as a user does. `watch` sees stderr as it comes, with the process to send signals to. */
export function graft(
	args: readonly string[],
	env: NodeJS.ProcessEnv,
	watch?: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> {
	const child = spawn(process.execPath, ["src/graft.cjs", ...args], {
		cwd: root,
		env,
		stdio: ["ignore", "pipe", "pipe"],
	});
	let stdout = "";
	let stderr = "";
	child.stdout.on("data", (data: Buffer) => {
		stdout += data;
	});
	child.stderr.on("data", (data: Buffer) => {
		stderr += data;
		watch?.(stderr, (signal) => child.kill(signal));
	});
	return new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code) => resolve({ code, stdout, stderr }));
	});
}

/** Writes an experiment file into a folder and answers its path. */
export function experimentIn(
	folder: string,
	text: string,
	name = "experiment.yaml",
): string {
	const file = join(folder, name);
	writeFileSync(file, text);
	return file;
}

/** The embedded photos. */
export const tuxpaint = join(root, "experiments", "data", "tuxpaint-photos");
