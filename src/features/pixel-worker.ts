import { parentPort, workerData } from "node:worker_threads";
import type { Pixels } from "../data/types.ts";
import { sizeOf } from "../model/dtypes.ts";
import type { Weights } from "../model/types.ts";
import { openBatchWork } from "./batch-work.ts";
import type {
	Answer,
	BatchReport,
	Job,
	Order,
	WorkerData,
} from "./messages.ts";
import { openPhotoWork } from "./photo-work.ts";
import { failureOf } from "./read-photo.ts";

/**
 * The program of one worker thread: photo after photo through the whole prefix.
 *
 *   bytes ─ sha256 ─ decode ─ transforms ─┬─ batch full? ─ onnxruntime ─ rows to the main thread
 *                                         └─ corrupt, wrong size, failed: said instead
 *
 * Batches of a training come as orders of their own (batch-work.ts). onnxruntime computes on the thread that calls it,
 * so one such worker a core keeps all cores busy.
 */
const port = parentPort as NonNullable<typeof parentPort>;
const data = workerData as WorkerData;
const { prefix } = data;
const inputLength = sizeOf(prefix.inputShape);

type JobOrder = Extract<Order, { type: "job" }>;

const orders: Order[] = [];
let isWorking = false;
let giveWeights: (weights: Weights) => void;
const work = openPhotoWork(
	data,
	new Promise<Weights>((resolve) => {
		giveWeights = resolve;
	}),
);
const { batchSize } = work;
const fill = openBatchWork(prefix, work);

/** float32 [batchSize, channels, height, width]; past `waiting` lie photos of the batch before. */
const batch = new Float32Array(batchSize * inputLength);
let waiting: number[] = [];

port.on("message", (order: Order) => {
	if (order.type === "weights") giveWeights(order.weights);
	// Orders are heard between two batches only, so nothing is torn down inside onnxruntime.
	else if (order.type === "close") process.exit();
	else {
		orders.push(order);
		void workOff();
	}
});

async function workOff(): Promise<void> {
	if (isWorking) return;
	isWorking = true;
	for (let order = orders.shift(); order; order = orders.shift()) {
		if (order.type === "job") {
			const decoded = decode(order);
			// The photo after it is decoded by sharp's own thread while this one is in onnxruntime.
			if (orders[0]?.type === "job") decode(orders[0]);
			await workOn(order.job, decoded);
		} else if (order.type === "batch") {
			const following = () =>
				orders[0]?.type === "batch" ? orders[0] : undefined;
			answer(await fill(order, following));
		} else await runBatch();
	}
	isWorking = false;
}

/** Begun decodings by their orders. */
const begun = new WeakMap<JobOrder, Promise<Pixels>>();

/** The photo's pixels; asked again, the same. */
function decode(order: JobOrder): Promise<Pixels> {
	const known = begun.get(order);
	if (known !== undefined) return known;
	const decoded = work.decode(order.job, order.bytes);
	// A failure is met by whoever waits for it.
	decoded.catch(() => undefined);
	begun.set(order, decoded);
	return decoded;
}

async function workOn(job: Job, decoded: Promise<Pixels>): Promise<void> {
	const { row } = job;
	const input = await work.transformed(job, decoded);
	if (!(input instanceof Float32Array)) answer(input);
	else if (job.isCheck) answer({ type: "rows", rows: [row], features: input });
	else {
		batch.set(input, waiting.length * inputLength);
		waiting.push(row);
		if (waiting.length === batchSize) await runBatch();
	}
}

async function runBatch(): Promise<void> {
	const rows = waiting;
	waiting = [];
	if (rows.length === 0) return;
	try {
		const features = await work.compute(batch);
		const length = features.length / batchSize;
		const own = features.slice(0, rows.length * length);
		port.postMessage({ type: "rows", rows, features: own } satisfies Answer, [
			own.buffer as ArrayBuffer,
		]);
	} catch (error) {
		answer(failureOf(error, undefined));
	}
}

function answer(message: Answer | BatchReport): void {
	port.postMessage(message);
}
