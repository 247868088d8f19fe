import { RunError } from "../../diagnostic.ts";
import { printable } from "../../text.ts";
import type { DType, Graph, Tensor, Weights } from "../types.ts";
import { asFloat32, CONVERTIBLE } from "./convert.ts";
import { currentName } from "./legacy-names.ts";

/** Names listed in one message; a file of another network would fill the screen. */
const SHOWN = 6;

/** What a file says of a tensor before its values are read. */
export interface TensorInfo {
	readonly name: string;
	readonly dtype: DType;
	readonly shape: readonly number[];
}

/**
 * Holds a file's tensors against the initializers of a graph; any float type may stand for float32, and torch's
 * `num_batches_tracked` counters are passed over.
 * @returns a RunError "weights-mismatch" that lists missing, unexpected and wrongly shaped tensors, as torch's
 * load_state_dict(strict=True) does; undefined where all agree.
 */
export function mismatch(
	graph: Graph,
	tensors: Iterable<TensorInfo>,
	path: string,
): RunError | undefined {
	const found = new Map(
		[...tensors].map((info) => [currentName(info.name), info]),
	);
	const missing: string[] = [];
	const wrong: string[] = [];
	const wanted = graph.initializers.filter(({ values }) => !values);
	for (const { name, shape, dtype } of wanted) {
		const info = found.get(name);
		if (!info) missing.push(name);
		else if (!fits(info.dtype, dtype) || !sameShape(info.shape, shape))
			wrong.push(
				`${name} (${info.dtype} [${info.shape}] in the file, ${dtype} [${shape}] in the network)`,
			);
	}
	// Constants of the structure that torch keeps as buffers are no surprise either: Swin's relative_position_index.
	const names = new Set(graph.initializers.map(({ name }) => name));
	const unexpected = [...found.keys()].filter(
		(name) => !names.has(name) && !name.endsWith(".num_batches_tracked"),
	);
	if (missing.length + wrong.length + unexpected.length === 0) return undefined;
	const parts = [
		`${path} does not hold the weights of ${graph.name}`,
		list("missing", missing),
		list("unexpected", unexpected),
		list("of another shape or type", wrong),
	];
	return new RunError(
		"weights-mismatch",
		parts.filter((part) => part !== "").join("; "),
		{
			fix: "save the state_dict of exactly this network, its 1000-class classifier included",
		},
	);
}

/**
 * A file's tensors as the initializers of a graph, float16, bfloat16 and float64 converted to float32.
 * @throws RunError "weights-mismatch".
 */
export function matchWeights(
	graph: Graph,
	tensors: Weights,
	path: string,
): Weights {
	const infos = [...tensors].map(([name, { dtype, shape }]) => ({
		name,
		dtype,
		shape,
	}));
	const problem = mismatch(graph, infos, path);
	if (problem) throw problem;
	const current = new Map(
		[...tensors].map(([name, tensor]) => [currentName(name), tensor]),
	);
	const matched = new Map<string, Tensor>();
	for (const { name, dtype } of graph.initializers) {
		const tensor = current.get(name);
		if (tensor)
			matched.set(name, dtype === "float32" ? asFloat32(tensor) : tensor);
	}
	return matched;
}

function fits(given: DType, wanted: DType): boolean {
	return (
		given === wanted || (wanted === "float32" && CONVERTIBLE.includes(given))
	);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
	return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

function list(what: string, names: readonly string[]): string {
	if (names.length === 0) return "";
	const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
	return `${what}: ${printable(names.slice(0, SHOWN).join(", "))}${more}`;
}
