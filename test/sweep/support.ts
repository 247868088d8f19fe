import { type ChildProcess, spawn } from "node:child_process";
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { TrialResult } from "../../src/sweep/types.ts";
import { type Ended, root, tuxpaint } from "../support/graft.ts";

/** Three train and two valid photos of each of two classes: an extraction takes a fraction of a second. */
export function fewPhotos(folder: string): string {
	const photos = join(folder, "photos");
	for (const [split, most] of [
		["train", 6],
		["valid", 3],
	] as const)
		for (const kind of ["bird", "flower"]) {
			const from = join(tuxpaint, split, kind);
			const to = join(photos, split, kind);
			mkdirSync(to, { recursive: true });
			for (const name of readdirSync(from).sort().slice(0, most))
				copyFileSync(join(from, name), join(to, name));
		}
	return photos;
}

/** A sweep file over few photos; `sweep` is YAML, indented by two spaces. */
export function sweepFile(
	folder: string,
	sweep: string,
	name = "heads",
): string {
	const file = join(folder, `${name}.yaml`);
	writeFileSync(
		file,
		`name: ${name}
data: { root: photos }
transforms:
  - Resize: { size: [224, 224] }
  - ToTensor
  - Normalize
model: { backbone: efficientnet_lite0, freeze: all, head: linear }
train: { optimizer: adam, learning_rate: 0.01, epochs: 2, batch_size: 4 }
sweep:
${sweep}
`,
	);
	return file;
}

/** Seven trials: two extractions, two stacks, and two trials of their own. */
export const ALL_KINDS = `  list:
    - { train.learning_rate: 0.1 }
    - { train.learning_rate: 0.03 }
    - { train.learning_rate: 0.01, train.optimizer: sgd }
    - { data.exif: ignore, train.learning_rate: 0.1 }
    - { data.exif: ignore, train.learning_rate: 0.01 }
    - { model.head: ridge }
    - { model.head: { knn: { n_neighbors: 3 } } }`;

/** The program while it runs. */
export interface Started {
	readonly child: ChildProcess;
	readonly ended: Promise<Ended & { readonly signal: NodeJS.Signals | null }>;
	readonly stderr: () => string;
}

/** Starts the program as a user does. */
export function start(
	args: readonly string[],
	env: NodeJS.ProcessEnv,
	wrapper: readonly string[] = [],
): Started {
	const [program, ...rest] = [
		...wrapper,
		process.execPath,
		"src/graft.cjs",
		...args,
	] as [string, ...string[]];
	const child = spawn(program, rest, {
		cwd: root,
		env,
		stdio: ["ignore", "pipe", "pipe"],
	});
	let stdout = "";
	let stderr = "";
	child.stdout?.on("data", (data: Buffer) => {
		stdout += data;
	});
	child.stderr?.on("data", (data: Buffer) => {
		stderr += data;
	});
	const ended = new Promise<Awaited<Started["ended"]>>((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code, signal) =>
			resolve({ code, signal, stdout, stderr }),
		);
	});
	return { child, ended, stderr: () => stderr };
}

/** Process ids of the children of a process, by /proc. */
export function childrenOf(pid: number): readonly number[] {
	try {
		const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
		return text.trim().split(" ").filter(Boolean).map(Number);
	} catch {
		return [];
	}
}

/** What a sweep came to: for each trial its values, run and every number, and the bytes of its head. */
export function finalTable(sweepFolder: string): readonly unknown[] {
	const results = join(sweepFolder, "results");
	return readdirSync(results)
		.filter((name) => name.endsWith(".json"))
		.sort()
		.map((name) => {
			const result = JSON.parse(
				readFileSync(join(results, name), "utf8"),
			) as TrialResult;
			const { trial, runId, status, values, metrics, epochs } = result;
			const head = artifactOf(join(sweepFolder, "trials", runId));
			return { trial, status, values, metrics, epochs, head };
		});
}

function artifactOf(runFolder: string): string | undefined {
	return journalOf(runFolder)
		.filter(({ path }) => path === "head.safetensors")
		.map(({ sha256 }) => sha256)
		.at(-1);
}

interface Line {
	readonly type: string;
	readonly status?: string;
	readonly path?: string;
	readonly sha256?: string;
	readonly fingerprint?: string;
	readonly resumed?: { readonly epoch: number; readonly step: number };
}

/** A journal's whole lines. */
export function journalOf(runFolder: string): readonly Line[] {
	const path = join(runFolder, "journal.jsonl");
	if (!existsSync(path)) return [];
	return readFileSync(path, "utf8")
		.split("\n")
		.flatMap((line) => {
			try {
				return [JSON.parse(line) as Line];
			} catch {
				return [];
			}
		});
}

/** How many runs of each trial say that they finished: by the plan's fingerprint. */
export function finishedRuns(sweepFolder: string): ReadonlyMap<string, number> {
	const counts = new Map<string, number>();
	const trials = join(sweepFolder, "trials");
	for (const name of existsSync(trials) ? readdirSync(trials) : []) {
		const lines = journalOf(join(trials, name));
		const key = lines[0]?.fingerprint?.slice(0, 12) ?? "?";
		const isFinished = lines.some(
			({ type, status }) => type === "end" && status === "FINISHED",
		);
		if (isFinished) counts.set(key, (counts.get(key) ?? 0) + 1);
	}
	return counts;
}
