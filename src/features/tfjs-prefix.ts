import { openDevice, openTfjs } from "../engine/backend.ts";
import { compileGraph } from "../engine/tfjs/compile.ts";
import { openParameters } from "../engine/tfjs/parameters.ts";
import { scoped } from "../engine/tfjs/scoped.ts";
import type { Device } from "../experiment/types.ts";
import { sizeOf } from "../model/dtypes.ts";
import { subgraph } from "../model/edit.ts";
import type { Graph, Weights } from "../model/types.ts";
import type { Answer } from "./messages.ts";

/**
 * A prefix run by tfjs, in the main thread, which has the device:
 *
 *   workers: decode, transform ─ photos ─ tfjs ─ rows
 *
 * Photo by photo, so that a row depends on no other.
 */
export interface TfjsPrefix {
	/** Loads tfjs and the weights; asked again, nothing. */
	readonly open: (loadWeights: () => Promise<Weights>) => Promise<void>;
	/** Rows of transformed photos as rows of features. Once it is open. */
	readonly rows: (answer: Answer) => Answer;
	/** float32 [n, …featureShape] of n transformed photos, float32 [n, …inputShape]. Once it is open. */
	readonly features: (photos: Float32Array, n: number) => Float32Array;
	readonly close: () => void;
}

/** Whether this provider of a plan means that tfjs runs the prefix. */
export function isTfjsProvider(provider: string | undefined): boolean {
	return provider?.startsWith("tfjs") ?? false;
}

/** @returns undefined where the cut is the network's input: there is nothing to run. */
export function tfjsPrefix(options: {
	readonly graph: Graph;
	readonly cutTensor: string;
	readonly inputShape: readonly number[];
	readonly featureShape: readonly number[];
	/** Undefined: whatever tfjs is open. */
	readonly device?: Device;
}): TfjsPrefix | undefined {
	const { graph, cutTensor, inputShape, featureShape, device } = options;
	const input = graph.inputs[0]?.name ?? "";
	if (input === cutTensor) return undefined;
	const part = subgraph(graph, [input], [cutTensor]);
	if (!part.ok) throw new Error(`internal: ${part.diagnostics[0]?.message}`);
	let network: Awaited<ReturnType<typeof load>> | undefined;

	async function load(loadWeights: () => Promise<Weights>) {
		const { tf } = await (device ? openDevice(device) : openTfjs());
		const graph = part.ok ? part.value : undefined;
		if (!graph) throw new Error("internal: the prefix is lost");
		const parameters = openParameters(tf, [graph], await loadWeights(), []);
		const { forward } = compileGraph(tf, graph, parameters);
		const step = { training: false, seed: 0, step: 0 };
		return {
			compute: (photo: Float32Array) =>
				scoped(
					tf,
					() =>
						forward(
							tf.tensor(photo, [1, ...inputShape], "float32"),
							step,
						).output.dataSync() as Float32Array,
				),
			close: parameters.dispose,
		};
	}

	function features(photos: Float32Array, n: number): Float32Array {
		if (!network) throw new Error("internal: the prefix is not open");
		const length = sizeOf(inputShape);
		const width = sizeOf(featureShape);
		const computed = new Float32Array(n * width);
		for (let row = 0; row < n; row++) {
			const photo = photos.slice(row * length, (row + 1) * length);
			computed.set(network.compute(photo), row * width);
		}
		return computed;
	}

	return {
		async open(loadWeights) {
			network ??= await load(loadWeights);
		},
		rows: (answer) =>
			answer.type === "rows"
				? { ...answer, features: features(answer.features, answer.rows.length) }
				: answer,
		features,
		close() {
			network?.close();
			network = undefined;
		},
	};
}
