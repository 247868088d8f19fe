import { parentPort, workerData } from "node:worker_threads";
import { CorruptPhoto } from "../data/corrupt-photo.ts";
import { decodePhoto } from "../data/decode.ts";
import { applyTransforms } from "../data/transforms.ts";
import type { Pixels } from "../data/types.ts";
import { RunError } from "../diagnostic.ts";
import type { OrtSession } from "../engine/ort.ts";
import { sha256 } from "../fingerprint.ts";
import { sizeOf } from "../model/dtypes.ts";
import type { Weights } from "../model/types.ts";
import { random } from "../random.ts";
import { enter, leave } from "./gate.ts";
import type { Answer, Job, Order, WorkerData } from "./messages.ts";
import type { NetworkSize } from "./prefix.ts";

/**
 * The program of one worker thread: photo after photo through the whole prefix.
 *
 *   bytes ─ sha256 ─ decode ─ transforms ─┬─ batch full? ─ onnxruntime ─ rows to the main thread
 *                                         └─ corrupt, wrong size, failed: said instead
 *
 * onnxruntime computes on the thread that calls it, so one such worker a core keeps all cores busy.
 */
const port = parentPort as NonNullable<typeof parentPort>;
const { prefix, gate } = workerData as WorkerData;
const batchSize = prefix.network?.batchSize ?? 1;
const inputLength = sizeOf(prefix.inputShape);

/** float32 [batchSize, channels, height, width]; past `waiting` lie photos of the batch before. */
const batch = new Float32Array(batchSize * inputLength);
let waiting: number[] = [];

type JobOrder = Extract<Order, { type: "job" }>;

const orders: Order[] = [];
let isWorking = false;
let session: Promise<OrtSession> | undefined;
let giveWeights: (weights: Weights) => void;
const weights = new Promise<Weights>((resolve) => {
	giveWeights = resolve;
});

port.on("message", (order: Order) => {
	if (order.type === "weights") giveWeights(order.weights);
	// Orders are heard between two batches only, so nothing is torn down inside onnxruntime.
	else if (order.type === "close") process.exit();
	else {
		orders.push(order);
		void work();
	}
});

async function work(): Promise<void> {
	if (isWorking) return;
	isWorking = true;
	for (let order = orders.shift(); order; order = orders.shift()) {
		if (order.type === "job") {
			const decoded = decode(order);
			// The photo after it is decoded by sharp's own thread while this one is in onnxruntime.
			if (orders[0]?.type === "job") decode(orders[0]);
			await workOn(order.job, decoded);
		} else await runBatch();
	}
	isWorking = false;
}

/** Begun decodings by their orders. */
const begun = new WeakMap<JobOrder, Promise<Pixels>>();

/** The photo's pixels; asked again, the same. */
function decode(order: JobOrder): Promise<Pixels> {
	const { job, bytes } = order;
	const known = begun.get(order);
	if (known !== undefined) return known;
	const decoded = (async () => {
		if (sha256(bytes) !== job.sha256)
			throw new RunError(
				"photo-changed",
				"its bytes changed after the run began",
				{ fix: "run again when the photos stay as they are" },
			);
		return decodePhoto(bytes, { exif: prefix.exif });
	})();
	// A failure is met by whoever waits for it.
	decoded.catch(() => undefined);
	begun.set(order, decoded);
	return decoded;
}

async function workOn(job: Job, decoded: Promise<Pixels>): Promise<void> {
	let image: Awaited<ReturnType<typeof transform>>;
	try {
		image = transform(job, await decoded);
	} catch (error) {
		if (error instanceof CorruptPhoto)
			answer({ type: "corrupt", row: job.row, reason: error.reason });
		else answer(failure(error, job.row));
		return;
	}
	const shape = [image.channels, image.height, image.width];
	if (shape.join() !== prefix.inputShape.join()) {
		answer({ type: "size", row: job.row, shape });
		return;
	}
	batch.set(image.data, waiting.length * inputLength);
	waiting.push(job.row);
	if (waiting.length === batchSize) await runBatch();
}

/** The photo after all transforms. */
function transform(job: Job, decoded: Pixels) {
	const stream = random(prefix.seed, "transform", job.sha256, job.view);
	const image = applyTransforms(decoded, prefix.transforms, stream);
	if (!(image.data instanceof Float32Array))
		throw new Error("internal: the transforms do not end in a tensor");
	return { ...image, data: image.data };
}

async function runBatch(): Promise<void> {
	const rows = waiting;
	waiting = [];
	if (rows.length === 0) return;
	try {
		const features = await compute();
		const length = sizeOf(prefix.featureShape);
		if (features.length !== batchSize * length)
			throw new Error(
				`internal: a row has ${features.length / batchSize} values, the plan says [${prefix.featureShape}]`,
			);
		const own = features.slice(0, rows.length * length);
		port.postMessage({ type: "rows", rows, features: own } satisfies Answer, [
			own.buffer as ArrayBuffer,
		]);
	} catch (error) {
		answer(failure(error, undefined));
	}
}

/** float32 [batchSize, …featureShape] of the batch. */
async function compute(): Promise<Float32Array> {
	const { network } = prefix;
	if (network === undefined) return batch;
	const loaded = await weights;
	if (!enter(gate)) process.exit();
	try {
		session ??= open(network, loaded);
		const shape = [batchSize, ...prefix.inputShape];
		const outputs = await (await session).run(batch, shape);
		return outputs.get(network.output)?.data ?? new Float32Array();
	} finally {
		leave(gate);
	}
}

async function open(
	{ graph, output, threads, provider }: NetworkSize,
	weights: Weights,
): Promise<OrtSession> {
	const { createSession } = await import("../engine/ort.ts");
	return createSession(graph, weights, {
		outputs: [output],
		intraOpThreads: threads,
		provider,
	});
}

function failure(error: unknown, row: number | undefined): Answer {
	const { message } = error as Error;
	return error instanceof RunError
		? { type: "failed", row, code: error.code, message, fix: error.fix }
		: { type: "failed", row, code: "internal", message, fix: undefined };
}

function answer(message: Answer): void {
	port.postMessage(message);
}
