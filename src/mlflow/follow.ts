import { Worker } from "node:worker_threads";
import type { FollowData, FollowMessage } from "./follow-types.ts";
import { lockRun } from "./lock.ts";
import type { Settings } from "./settings.ts";
import { type SweepLinks, sweepLinks } from "./sweep-links.ts";

/** What a run says of MLflow at its end. */
export interface Tracked {
	readonly uri: string;
	/** Undefined where the server was never reached. */
	readonly place:
		| {
				readonly experimentId: string;
				readonly runId: string;
				readonly url: string;
		  }
		| undefined;
	/** False when something is still to be sent: `graft sync` does it. */
	readonly isComplete: boolean;
	/** Of a sweep that has its place: its charts, and its best trials side by side. */
	readonly links: SweepLinks | undefined;
	/** The last thing that went wrong; undefined when complete. */
	readonly problem: string | undefined;
}

export interface Follower {
	/** The journal is written: sends the rest, and waits for it `waitSeconds` at most; of a sweep, as long after the last run that arrived. */
	readonly finish: (waitSeconds: number) => Promise<Tracked>;
}

/** Sends the run in `folder` from a thread of its own while it goes on. The thread does not keep the process alive. */
export function followRun(folder: string, settings: Settings): Follower {
	return followFolder({ folder, settings, isSweep: false });
}

/**
 * Sends a sweep, `<folder>/journal.jsonl`, and every trial in `<folder>/trials/` while they go on, as they
 * begin, wherever they run: the place is the parent's, and complete means all of them.
 */
export function followSweep(folder: string, settings: Settings): Follower {
	return followFolder({ folder, settings, isSweep: true });
}

function followFolder(data: FollowData): Follower {
	const { folder, settings } = data;
	const unlock = lockRun(folder);
	const worker = startWorker(data);
	let progress = "";
	let mostWhole = 0;
	/** Begins the time anew after which `finish` gives up. */
	let wait = (): void => undefined;
	let place: Tracked["place"];
	let problem: string | undefined;
	let isComplete = false;
	const ended = new Promise<void>((resolve) => {
		worker.on("message", (message: FollowMessage) => {
			if (message.type === "place") {
				const { experimentId, runId, url } = message;
				place = { experimentId, runId, url };
			} else if (message.type === "progress") {
				const { whole, total } = message;
				progress = `: ${whole} of ${total} runs are whole there`;
				if (whole > mostWhole) wait();
				mostWhole = Math.max(mostWhole, whole);
			} else if (message.type === "problem") problem = message.message;
			else {
				isComplete = message.isComplete;
				resolve();
			}
		});
		worker.on("error", (error) => {
			problem = `internal: ${error.message}`;
			resolve();
		});
		worker.on("exit", () => resolve());
	});
	worker.unref();
	return {
		finish: async (waitSeconds) => {
			worker.postMessage("over");
			let timer: NodeJS.Timeout | undefined;
			const late = new Promise<void>((resolve) => {
				const giveUp = () => {
					problem ??= `the server had not taken everything after ${waitSeconds} s${progress}`;
					resolve();
				};
				wait = () => {
					clearTimeout(timer);
					timer = setTimeout(giveUp, waitSeconds * 1000);
				};
				wait();
			});
			await Promise.race([ended, late]);
			clearTimeout(timer);
			await worker.terminate();
			unlock?.();
			return {
				uri: settings.uri,
				place,
				isComplete,
				links: data.isSweep ? sweepLinks(folder, settings.uri) : undefined,
				problem: isComplete ? undefined : problem,
			};
		},
	};
}

function startWorker(workerData: FollowData): Worker {
	const options = { workerData, name: "graft-mlflow" };
	if (!import.meta.url.endsWith(".ts"))
		return new Worker(new URL("./follow-worker.js", import.meta.url), options);
	// From source, as in tests: tsx does not reach into worker threads by itself.
	const tsx = import.meta.resolve("tsx/esm/api");
	const entry = new URL("./follow-worker.ts", import.meta.url);
	return new Worker(
		`import(${JSON.stringify(tsx)}).then(({ register }) => { register(); return import(${JSON.stringify(entry.href)}); })`,
		{ ...options, eval: true },
	);
}
