import { parametersOf } from "../model/graph.ts";
import type { Graph } from "../model/types.ts";

/** What a parameter is to its layer, as far as weight decay asks. A normalization's bias is both. */
export interface ParameterRole {
	/** Added to a layer's outputs. */
	readonly bias: boolean;
	/** Scale or bias of a normalization. */
	readonly norm: boolean;
}

/** ONNX's and onnxruntime's layers that normalize; their inputs after the first are scale and bias. */
const NORMS =
	/^(Batch|Layer|Instance|Group|SimplifiedLayer|SkipLayer|RMS)Normalization$|^GroupNorm$/;

/** Operators whose third input is a bias. */
const WITH_BIAS = /^(Conv|ConvTranspose|Gemm)$/;

/**
 * By parameter. The operator decides, and the name where it ends with "bias"; of what an exporter has taken apart, a
 * vector that is added is a bias, one that is multiplied a normalization's scale.
 */
export function parameterRoles(
	graph: Graph,
): ReadonlyMap<string, ParameterRole> {
	const roles = new Map<string, ParameterRole>();
	const ranks = new Map(
		parametersOf(graph).map(({ name, shape }) => [name, shape.length]),
	);
	for (const { op, inputs } of graph.nodes)
		inputs.forEach((name, place) => {
			const rank = ranks.get(name);
			if (rank === undefined || roles.has(name)) return;
			const norm = (NORMS.test(op) && place > 0) || (op === "Mul" && rank <= 1);
			const bias =
				/(^|[._/])\w*bias$/.test(name) ||
				(NORMS.test(op) && place === 2) ||
				(WITH_BIAS.test(op) && place === 2) ||
				(op === "Add" && rank <= 1);
			roles.set(name, { bias, norm });
		});
	return roles;
}
