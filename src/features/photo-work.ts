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
import type { Job, Trouble, WorkerData } from "./messages.ts";
import type { NetworkSize } from "./prefix.ts";
import { failureOf } from "./read-photo.ts";

/** What a worker does with a photo, whoever asked for it. */
export interface PhotoWork {
	/** The photo's pixels. @throws RunError "photo-changed", "photo-unreadable"; CorruptPhoto */
	readonly decode: (
		job: Job,
		bytes: Uint8Array | Promise<Uint8Array>,
	) => Promise<Pixels>;
	/** float32 [channels, height, width] after all transforms, or what is wrong with the photo. */
	readonly transformed: (
		job: Job,
		decoded: Promise<Pixels>,
	) => Promise<Float32Array | Trouble>;
	/** Photos that the network takes at once, always full: 1 without a network. */
	readonly batchSize: number;
	/** float32 [batchSize, …featureShape] of float32 [batchSize, …inputShape]; the same array where there is no network. */
	readonly compute: (batch: Float32Array) => Promise<Float32Array>;
}

/** @param weights of the network; the first batch waits for them */
export function openPhotoWork(
	{ prefix, gate }: WorkerData,
	weights: Promise<Weights>,
): PhotoWork {
	const { network } = prefix;
	const batchSize = network?.batchSize ?? 1;
	const rowLength = sizeOf(prefix.featureShape);
	let session: Promise<OrtSession> | undefined;

	async function decode(
		job: Job,
		bytes: Uint8Array | Promise<Uint8Array>,
	): Promise<Pixels> {
		const file = await bytes;
		if (sha256(file) !== job.sha256)
			throw new RunError(
				"photo-changed",
				"its bytes changed after the run began",
				{ fix: "run again when the photos stay as they are" },
			);
		return decodePhoto(file, { exif: prefix.exif });
	}

	async function transformed(
		job: Job,
		decoded: Promise<Pixels>,
	): Promise<Float32Array | Trouble> {
		const { row } = job;
		try {
			const pixels = await decoded;
			if (job.isCheck) return new Float32Array();
			const stream = random(prefix.seed, "transform", job.sha256, job.view);
			const image = applyTransforms(pixels, prefix.transforms, stream);
			if (!(image.data instanceof Float32Array))
				throw new Error("internal: the transforms do not end in a tensor");
			const shape = [image.channels, image.height, image.width];
			return shape.join() === prefix.inputShape.join()
				? image.data
				: { type: "size", row, shape };
		} catch (error) {
			return error instanceof CorruptPhoto
				? { type: "corrupt", row, reason: error.reason }
				: failureOf(error, row);
		}
	}

	async function compute(batch: Float32Array): Promise<Float32Array> {
		if (network === undefined) return batch;
		const loaded = await weights;
		if (!enter(gate)) process.exit();
		try {
			session ??= open(network, loaded);
			const shape = [batchSize, ...prefix.inputShape];
			const outputs = await (await session).run(batch, shape);
			const features = outputs.get(network.output)?.data ?? new Float32Array();
			if (features.length !== batchSize * rowLength)
				throw new Error(
					`internal: a row has ${features.length / batchSize} values, the plan says [${prefix.featureShape}]`,
				);
			return features;
		} finally {
			leave(gate);
		}
	}

	return { decode, transformed, batchSize, compute };
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
