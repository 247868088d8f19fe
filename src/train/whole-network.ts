import { initialWeights } from "../model/init.ts";
import { writeOnnx } from "../model/onnx/write.ts";
import type { Tensor, Weights } from "../model/types.ts";
import type { Plan } from "../plan/types.ts";

/**
 * The bytes of an .onnx file: the backbone with its own weights, and what was trained in its place. Its input is
 * float32 [n, channels, height, width] after the transforms, its output [n, numClasses].
 * @throws RunError "model-too-large"; what reading the weights throws
 */
export async function wholeNetwork(
	plan: Plan,
	seed: number,
	trained: ReadonlyMap<string, Tensor>,
	loadWeights: () => Promise<Weights>,
): Promise<Uint8Array> {
	const weights = await wholeWeights(plan, seed, trained, loadWeights);
	return writeOnnx(plan.graph, weights);
}

/** Values of all its initializers. @throws what reading the weights throws */
export async function wholeWeights(
	{ graph, added }: Plan,
	seed: number,
	trained: ReadonlyMap<string, Tensor>,
	loadWeights: () => Promise<Weights>,
): Promise<Weights> {
	const weights = new Map(await loadWeights());
	// What is new and does not learn stays as the seed made it.
	for (const [name, tensor] of initialWeights(graph, added, seed))
		if (!trained.has(name)) weights.set(name, tensor);
	for (const [name, tensor] of trained) weights.set(name, tensor);
	return weights;
}
