import { appendFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { packageRoot } from "../paths.ts";
import { countOomKills, explainDeath } from "./died.ts";
import type { TaskEvent, TaskOutcome } from "./execute.ts";
import { logFile } from "./folder.ts";
import type { WorkerMessage, WorkMessage } from "./messages.ts";
import type { Task } from "./types.ts";

/** What a task came to in a worker process. */
export type WorkOutcome =
	| TaskOutcome
	/** The process ended in the middle of it. */
	| {
			readonly status: "DIED";
			readonly memory: boolean;
			readonly message: string;
	  }
	/** A fault of Graft, or of the sweep's folder. */
	| {
			readonly status: "FAULT";
			readonly code: string;
			readonly message: string;
	  };

/** A worker process; does one task at a time. */
export interface Worker {
	readonly run: (
		task: Task,
		cores: number,
		onEvent: (event: TaskEvent) => void,
	) => Promise<WorkOutcome>;
	readonly isAlive: () => boolean;
	/** Ends it; by force where it has not ended after a while. */
	readonly end: () => Promise<void>;
}

/** How long a worker may take to end its runs. */
const KILL_AFTER_MS = 5_000;

/** The last of what a process said on stderr that is kept for its failure's message. */
const TAIL = 8_000;

/** Starts a worker process of a sweep; `env` goes over this process's own environment. */
export function startWorker(
	sweepFolder: string,
	env: Readonly<Record<string, string>>,
): Worker {
	const [program, ...args] = entry();
	const child = execa(
		process.execPath,
		[program as string, ...args, sweepFolder],
		{
			ipc: true,
			env,
			reject: false,
			buffer: false,
			stdin: "ignore",
			stdout: "pipe",
			stderr: "pipe",
			forceKillAfterDelay: KILL_AFTER_MS,
			cleanup: true,
		},
	);
	let taskId: string | undefined;
	let onMessage: ((message: WorkerMessage) => void) | undefined;
	let tail = "";
	let isAlive = true;
	const oomKills = countOomKills();
	const keepOutput = (data: Buffer) => {
		tail = (tail + String(data)).slice(-TAIL);
		if (taskId === undefined) return;
		try {
			appendFileSync(logFile(sweepFolder, taskId), data);
		} catch {
			// The task itself reports a disk that is full.
		}
	};
	child.stdout.on("data", keepOutput);
	child.stderr.on("data", keepOutput);
	child.on("message", (message) => onMessage?.(message as WorkerMessage));
	const ended = child.then((result) => {
		isAlive = false;
		return result;
	});

	async function run(
		task: Task,
		cores: number,
		onEvent: (event: TaskEvent) => void,
	): Promise<WorkOutcome> {
		taskId = task.id;
		tail = "";
		const told = new Promise<WorkOutcome>((resolve) => {
			onMessage = (message) => {
				if (message.type === "event") onEvent(message.event);
				if (message.type === "outcome") resolve(message.outcome);
				if (message.type === "fault") resolve({ ...message, status: "FAULT" });
			};
		});
		const message: WorkMessage = { type: "task", task, cores };
		child.send(message, () => undefined);
		const outcome = await Promise.race([
			told,
			ended.then(({ exitCode, signal, originalMessage }): WorkOutcome => {
				const oomKilled = countOomKills() > oomKills;
				const reason = originalMessage;
				const death = { exitCode, signal, tail, oomKilled, reason };
				return { status: "DIED", ...explainDeath(death) };
			}),
		]);
		onMessage = undefined;
		return outcome;
	}

	async function end(): Promise<void> {
		if (!isAlive) return;
		child.kill("SIGTERM");
		await ended;
	}

	return { run, isAlive: () => isAlive, end };
}

/** The program as this process runs it: the same bundle, or from source by src/graft.cjs. */
function entry(): readonly string[] {
	const bundle = join(dirname(fileURLToPath(import.meta.url)), "main.js");
	const program = existsSync(bundle)
		? bundle
		: join(packageRoot(), "src", "graft.cjs");
	return [program, "task"];
}
