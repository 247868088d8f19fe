import { createSession } from "../engine/ort.ts";
import { sizeOf } from "../model/dtypes.ts";
import type { Loaded } from "../model/quantize/fold.ts";
import { quantizationPoints } from "../model/quantize/points.ts";
import type { Histogram } from "../model/quantize/ranges.ts";

/**
 * What the activations of a network are on some photos, seen through onnxruntime itself.
 *
 *   photo ─ network in float32 ─ inner tensors as outputs ─┬─ pass 1: least and largest
 *                                                           └─ pass 2: histograms between them
 */
export interface Observation {
	/** Photos one after the other, float32 [n, …inputShape]. */
	readonly photos: Float32Array;
	readonly inputShape: readonly number[];
	readonly threads: number;
	readonly signal?: AbortSignal;
	/** Whether histograms are wanted too, which takes a second pass; without, all counts are 0. */
	readonly histograms: boolean;
}

/** Parts of a histogram. */
const BINS = 2048;

/** Values of one tensor that a photo adds to its histogram, at most: evenly spaced. Least and largest are of all. */
const MOST_VALUES = 2 ** 16;

/**
 * Histograms of all activations that `quantizationPoints` names in `loaded`, which is folded. Photo by photo: memory
 * holds the activations of one.
 * @throws RunError as createSession; the reason of `signal`.
 */
export async function observe(
	{ graph, weights }: Loaded,
	{ photos, inputShape, threads, signal, histograms }: Observation,
): Promise<ReadonlyMap<string, Histogram>> {
	const input = graph.inputs[0]?.name ?? "";
	const all = [...new Set(quantizationPoints(graph).tensors.values())];
	const outputs = all.filter((name) => name !== input);
	const session = await createSession(graph, weights, {
		outputs,
		intraOpThreads: threads,
	});
	const batch = Math.max(1, fixedBatch(graph.inputs[0]?.shape?.[0]));
	const length = sizeOf(inputShape);
	const count = photos.length / length;
	const lows = new Map(all.map((name) => [name, Number.POSITIVE_INFINITY]));
	const highs = new Map(all.map((name) => [name, Number.NEGATIVE_INFINITY]));
	const counts = new Map(all.map((name) => [name, new Float64Array(BINS)]));

	async function pass(see: (name: string, data: Float32Array) => void) {
		for (let photo = 0; photo < count; photo += batch) {
			signal?.throwIfAborted();
			const n = Math.min(batch, count - photo);
			const pixels = photos.subarray(photo * length, (photo + n) * length);
			const seen = await session.run(pixels, [n, ...inputShape]);
			if (all.includes(input)) see(input, pixels);
			for (const [name, { data }] of seen) see(name, data);
			// onnxruntime computes on this thread: signals are heard in between.
			await new Promise((resolve) => setImmediate(resolve));
		}
	}
	try {
		await pass((name, data) => {
			let low = lows.get(name) as number;
			let high = highs.get(name) as number;
			for (let at = 0; at < data.length; at++) {
				const value = data[at] as number;
				if (value < low) low = value;
				if (value > high) high = value;
			}
			lows.set(name, low);
			highs.set(name, high);
		});
		if (histograms)
			await pass((name, data) => {
				const bins = counts.get(name) as Float64Array;
				const low = lows.get(name) as number;
				const scale = BINS / ((highs.get(name) as number) - low || 1);
				const stride = Math.max(1, Math.floor(data.length / MOST_VALUES)) | 1;
				for (let at = 0; at < data.length; at += stride) {
					const bin = Math.min(BINS - 1, ((data[at] as number) - low) * scale);
					bins[bin | 0]++;
				}
			});
	} finally {
		await session.close();
	}
	return new Map(
		all.map((name) => [
			name,
			{
				min: lows.get(name) as number,
				max: highs.get(name) as number,
				counts: counts.get(name) as Float64Array,
			},
		]),
	);
}

function fixedBatch(size: unknown): number {
	return typeof size === "number" ? size : 1;
}
