import type { Tf } from "../engine/backend.ts";
import { compileGraph } from "../engine/tfjs/compile.ts";
import { openParameters } from "../engine/tfjs/parameters.ts";
import { scoped } from "../engine/tfjs/scoped.ts";
import type { SeenMap } from "../model/seen-map.ts";
import type { Graph, Weights } from "../model/types.ts";

/**
 * Grad-CAM (Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization"):
 *
 *   map A [c, h, w] ─ rest of the network ─ score of the class
 *   weight of a channel = mean over the places of ∂ score / ∂ A        heat = relu(Σ weight · A)
 */
export interface GradCam {
	/**
	 * @param map float32, one photo's, as `SeenMap.order` says, and its dimensions with the batch's 1
	 * @param wanted class whose heat is wanted; undefined: that of the highest score
	 */
	readonly heatOf: (
		map: Float32Array,
		dims: readonly number[],
		wanted?: number,
	) => Heat;
	readonly dispose: () => void;
}

/** Where a network looked for a class. */
export interface Heat {
	/** float32 [height, width], 0 and up, in units of the score: relu(Σ weight · A). */
	readonly values: Float32Array;
	readonly height: number;
	readonly width: number;
	/** Class index. */
	readonly of: number;
	/** Of every class, before any softmax. */
	readonly scores: Float32Array;
}

/** @param rest from the map to the scores */
export function openGradCam(
	tf: Tf,
	rest: Graph,
	weights: Weights,
	seen: SeenMap,
): GradCam {
	const parameters = openParameters(tf, [rest], weights, []);
	const graph = compileGraph(tf, rest, parameters, { byInput: true });
	const step = { training: false, seed: 0, step: 0 };
	const input = rest.inputs[0]?.name ?? "";

	function heatOf(
		map: Float32Array,
		dims: readonly number[],
		wanted?: number,
	): Heat {
		let scores = new Float32Array(0);
		let of = wanted ?? 0;
		let slope: Float32Array = new Float32Array(map.length);
		scoped(tf, () => {
			const x = tf.tensor(map, [...dims]);
			const { output, backward } = graph.forward(x, step);
			scores = Float32Array.from(output.dataSync());
			of = wanted ?? scores.indexOf(Math.max(...scores));
			const upstream = new Float32Array(scores.length);
			upstream[of] = 1;
			const gradient = backward(tf.tensor(upstream, output.shape)).get(input);
			// No gradient: the score does not depend on the map.
			if (gradient) slope = Float32Array.from(gradient.dataSync());
			return [];
		});
		const [height, width] = seen.grid;
		const values = weighted(map, slope, seen);
		return { values, height, width, of, scores };
	}

	return { heatOf, dispose: parameters.dispose };
}

/** relu(Σ over channels of (mean over places of the slope) · map). */
function weighted(
	map: Float32Array,
	slope: Float32Array,
	{ order, grid: [height, width], skip }: SeenMap,
): Float32Array {
	const places = height * width;
	const isFirst = order === "chw";
	const channels = isFirst ? map.length / places : map.length / (skip + places);
	const at = (channel: number, place: number) =>
		isFirst ? channel * places + place : (skip + place) * channels + channel;
	const sums = new Float64Array(places);
	for (let channel = 0; channel < channels; channel++) {
		let weight = 0;
		for (let place = 0; place < places; place++)
			weight += slope[at(channel, place)] as number;
		weight /= places;
		for (let place = 0; place < places; place++)
			sums[place] += weight * (map[at(channel, place)] as number);
	}
	return Float32Array.from(sums, (sum) => Math.max(0, sum));
}
