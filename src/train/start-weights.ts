import { initialWeights } from "../model/init.ts";
import type { Weights } from "../model/types.ts";
import { suffixOf } from "../plan/suffix.ts";
import type { Plan } from "../plan/types.ts";

/**
 * The values that training starts from: new layers from the seed, the others from the backbone's weights, which are
 * read only if a suffix holds one of them.
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
	for (const [name, tensor] of added) weights.set(name, tensor);
	return weights;
}
