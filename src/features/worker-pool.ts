import { Worker } from "node:worker_threads";
import { RunError } from "../diagnostic.ts";
import type { Weights } from "../model/types.ts";
import { newGate, shut, waitUntilEmpty } from "./gate.ts";
import type {
	Answer,
	BatchReport,
	Job,
	Order,
	Trouble,
	WorkerData,
} from "./messages.ts";
import type { Prefix } from "./prefix.ts";
import { failureOf, readPhoto } from "./read-photo.ts";

/** Threads that work on photos. Whoever opens a pool closes it. */
export interface WorkerPool {
	/**
	 * Sends all jobs through the workers and calls `onAnswer` for each answer. Resolves when every job is
	 * answered, one pass at a time; rejects when `onAnswer` throws, a worker dies, or `signal` is aborted (with its reason).
	 */
	readonly run: (
		jobs: readonly Job[],
		onAnswer: (answer: Answer) => void,
		signal?: AbortSignal,
	) => Promise<void>;
	/**
	 * Gives a batch to all workers, behind those that were given before: they fill `target`, float32 [jobs, …featureShape],
	 * and need this thread for nothing meanwhile.
	 */
	readonly fill: (
		jobs: readonly Job[],
		target: Float32Array<SharedArrayBuffer>,
	) => Filling;
	/** Ends the threads, each after the batch it is computing; nothing keeps the process alive afterwards. */
	readonly close: () => Promise<void>;
}

/** A batch that is being filled. */
export interface Filling {
	/** What has no row, by its place; none where all went well. Rejects when a worker dies; never settles once cancelled. */
	readonly done: Promise<readonly Trouble[]>;
	/** No worker begins another of its photos; those begun may still be written. */
	readonly cancel: () => void;
}

/** A batch takes a fraction of this. */
const EXIT_WAIT_MS = 10_000;

/** Starts `count` workers. They decode while `weights` is still being read. */
export function openWorkerPool(
	prefix: Prefix,
	count: number,
	weights: Promise<Weights> | undefined,
): WorkerPool {
	const gate = newGate();
	const workers = Array.from({ length: count }, () =>
		startWorker({ prefix, gate }),
	);
	const ended = workers.map(
		(worker) => new Promise((resolve) => worker.once("exit", resolve)),
	);
	// Whoever ends the process now must not end it inside onnxruntime.
	const beforeExit = () => {
		shut(gate);
		waitUntilEmpty(gate, EXIT_WAIT_MS);
	};
	process.on("exit", beforeExit);
	let failure: { readonly error: unknown } | undefined;
	let isRunning = false;
	let sharpLoaded: Promise<unknown> | undefined;
	let onFailure: (error: unknown) => void = () => {};
	/** Who hears the answers of the pass that goes on. */
	let hear: ((worker: Worker, answer: Answer) => void) | undefined;
	const fillings = new Map<number, OpenFilling>();
	let batches = 0;
	const fail = (error: unknown) => {
		failure ??= { error };
		onFailure(error);
		for (const { reject } of fillings.values()) reject(error);
		fillings.clear();
	};
	for (const worker of workers) {
		worker.on("message", (message: Answer | BatchReport) => {
			sharpLoaded ??= loadSharp();
			if (message.type === "batch") fillings.get(message.batch)?.take(message);
			else hear?.(worker, message);
		});
		worker.on("error", (cause) => {
			fail(
				new RunError(
					"worker-died",
					`a thread that computes features ended: ${cause.message}`,
					{ cause },
				),
			);
		});
	}
	weights?.then((shared) => {
		for (const worker of workers)
			send(worker, { type: "weights", weights: shared });
	}, fail);

	/** Jobs a worker has at a time: a full batch, and enough that it never waits for a file. */
	const depth = (prefix.network?.batchSize ?? 1) + 2;

	function run(
		jobs: readonly Job[],
		onAnswer: (answer: Answer) => void,
		signal?: AbortSignal,
	): Promise<void> {
		if (isRunning) throw new Error("internal: one pass at a time");
		let next = 0;
		let left = jobs.length;
		const reading = new Map<Worker, number>();
		return new Promise<void>((resolve, reject) => {
			if (signal?.aborted) return reject(signal.reason);
			if (failure) return reject(failure.error);
			if (left === 0) return resolve();
			const aborted = () => finish(signal?.reason);
			const finish = (error?: unknown) => {
				isRunning = false;
				hear = undefined;
				signal?.removeEventListener("abort", aborted);
				onFailure = () => {};
				if (error === undefined) resolve();
				else reject(error);
			};
			isRunning = true;
			signal?.addEventListener("abort", aborted);
			onFailure = finish;

			const take = (answer: Answer) => {
				left -= answersOf(answer);
				try {
					onAnswer(answer);
				} catch (error) {
					finish(error);
				}
			};
			/** The next job for a worker, its file read here, where there is time; after the last, the order to finish. */
			const feed = async (worker: Worker) => {
				const job = jobs[next++];
				if (job) {
					reading.set(worker, (reading.get(worker) ?? 0) + 1);
					const bytes = await readPhoto(job).catch((error: unknown) =>
						failureOf(error, job.row),
					);
					reading.set(worker, (reading.get(worker) ?? 0) - 1);
					if (bytes instanceof Uint8Array)
						send(worker, { type: "job", job, bytes });
					else take(bytes);
				}
				if (next >= jobs.length && !reading.get(worker))
					send(worker, { type: "flush" });
			};
			hear = (worker, answer) => {
				take(answer);
				if (left === 0) finish();
				else if (isRunning)
					for (let n = answersOf(answer); n > 0; n--) void feed(worker);
			};
			for (let n = 0; n < depth; n++)
				for (const worker of workers) void feed(worker);
		});
	}

	function fill(
		jobs: readonly Job[],
		target: Float32Array<SharedArrayBuffer>,
	): Filling {
		const batch = batches++;
		const next = new Int32Array(new SharedArrayBuffer(4));
		const troubles: Trouble[] = [];
		let left = jobs.length;
		const done = new Promise<readonly Trouble[]>((resolve, reject) => {
			if (failure) return reject(failure.error);
			const take = (report: BatchReport) => {
				left -= report.done;
				troubles.push(...report.troubles);
				if (left > 0) return;
				fillings.delete(batch);
				resolve(troubles.sort((a, b) => (a.row ?? -1) - (b.row ?? -1)));
			};
			fillings.set(batch, { take, reject });
			for (const worker of workers)
				send(worker, { type: "batch", batch, jobs, target, next });
		});
		// A failure is met by whoever waits for the batch.
		done.catch(() => undefined);
		const cancel = () => {
			Atomics.store(next, 0, jobs.length);
			fillings.delete(batch);
		};
		return { done, cancel };
	}

	async function close(): Promise<void> {
		onFailure = () => {};
		shut(gate);
		await sharpLoaded;
		for (const worker of workers) send(worker, { type: "close" });
		await Promise.all(ended);
		process.off("exit", beforeExit);
	}

	return { run, fill, close };
}

/** Jobs that an answer is about. */
function answersOf(answer: Answer): number {
	return answer.type === "rows" ? answer.rows.length : 1;
}

/** Who waits for a batch. */
interface OpenFilling {
	readonly take: (report: BatchReport) => void;
	readonly reject: (error: unknown) => void;
}

/**
 * sharp must be loaded in the main thread too, or its libraries are unloaded with the last worker
 * (https://sharp.pixelplumbing.com/install, worker threads). That can wait until the workers are busy.
 */
function loadSharp(): Promise<unknown> {
	return import("../data/decode.ts").catch(() => undefined);
}

function send(worker: Worker, order: Order): void {
	worker.postMessage(order);
}

function startWorker(workerData: WorkerData): Worker {
	const options = { workerData, name: "graft-pixels" };
	if (!import.meta.url.endsWith(".ts"))
		return new Worker(new URL("./pixel-worker.js", import.meta.url), options);
	// From source, as in tests: tsx does not reach into worker threads by itself.
	const tsx = import.meta.resolve("tsx/esm/api");
	const entry = new URL("./pixel-worker.ts", import.meta.url);
	return new Worker(
		`import(${JSON.stringify(tsx)}).then(({ register }) => { register(); return import(${JSON.stringify(entry.href)}); })`,
		{ ...options, eval: true },
	);
}
