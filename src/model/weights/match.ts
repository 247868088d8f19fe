import { RunError } from "../../diagnostic.ts";
import type { Graph, Tensor, Weights } from "../types.ts";
import { asFloat32 } from "./convert.ts";

/** Names listed in one message; a file of another network would fill the screen. */
const SHOWN = 6;

/**
 * A file's tensors as the initializers of a graph, float16, bfloat16 and float64 converted to float32.
 * torch's `num_batches_tracked` counters are passed over.
 * @throws RunError "weights-mismatch" that lists missing, unexpected and wrongly shaped tensors, as torch's
 * load_state_dict(strict=True) does.
 */
export function matchWeights(
	graph: Graph,
	tensors: Weights,
	path: string,
): Weights {
	const matched = new Map<string, Tensor>();
	const missing: string[] = [];
	const wrong: string[] = [];
	const wanted = graph.initializers.filter(({ values }) => !values);
	for (const { name, shape, dtype } of wanted) {
		const found = tensors.get(name);
		if (!found) {
			missing.push(name);
			continue;
		}
		const tensor = dtype === "float32" ? asFloat32(found) : found;
		if (tensor?.dtype !== dtype || !sameShape(found.shape, shape))
			wrong.push(
				`${name} (${found.dtype} [${found.shape}] in the file, ${dtype} [${shape}] in the network)`,
			);
		else matched.set(name, tensor);
	}
	const names = new Set(wanted.map(({ name }) => name));
	const unexpected = [...tensors.keys()].filter(
		(name) => !names.has(name) && !name.endsWith(".num_batches_tracked"),
	);
	if (missing.length + wrong.length + unexpected.length > 0)
		throw new RunError(
			"weights-mismatch",
			[
				`${path} does not hold the weights of ${graph.name}`,
				list("missing", missing),
				list("unexpected", unexpected),
				list("of another shape or type", wrong),
			]
				.filter((part) => part !== "")
				.join("; "),
			{
				fix: "save the state_dict of exactly this network, its 1000-class classifier included",
			},
		);
	return matched;
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
	return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

function list(what: string, names: readonly string[]): string {
	if (names.length === 0) return "";
	const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
	return `${what}: ${names.slice(0, SHOWN).join(", ")}${more}`;
}
