import { RunError } from "../diagnostic.ts";
import { initialWeights } from "../model/init.ts";
import type { Tensor, Weights } from "../model/types.ts";
import { suffixOf } from "../plan/suffix.ts";
import type { Plan } from "../plan/types.ts";

/**
 * The values that training starts from: new layers from the seed, the others from the backbone's weights, which are
 * read only if a suffix holds one of them.
 * @throws RunError "weights-not-finite"
 */
export async function startWeights(
	plan: Plan,
	seed: number,
	loadWeights: () => Promise<Weights>,
): Promise<Weights> {
	const added = initialWeights(plan.graph, plan.added, seed);
	const old = [plan.train, plan.eval]
		.flatMap((pipeline) => suffixOf(plan, pipeline).initializers)
		.filter(({ name, values }) => values === undefined && !added.has(name));
	if (old.length === 0) return added;
	const weights = new Map(await loadWeights());
	for (const { name } of old) refuseNotFinite(name, weights.get(name));
	for (const [name, tensor] of added) weights.set(name, tensor);
	return weights;
}

/** A NaN among them would be told only as a loss that is none. */
function refuseNotFinite(name: string, tensor: Tensor | undefined): void {
	if (!(tensor?.data instanceof Float32Array)) return;
	const { data } = tensor;
	for (let at = 0; at < data.length; at++) {
		if (Number.isFinite(data[at])) continue;
		throw new RunError(
			"weights-not-finite",
			`the weights hold ${data[at]} in "${name}", at its value ${at}`,
			{
				fix: "the weights file is damaged, or its training had diverged: take another",
			},
		);
	}
}
