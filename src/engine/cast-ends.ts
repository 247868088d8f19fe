import { KINDS } from "../model/dtypes.ts";
import type { DType, Graph, GraphNode, ValueInfo } from "../model/types.ts";

/** A network that takes and gives float32, whatever it computes in. */
export interface FloatEnds {
	readonly graph: Graph;
	/** Name of its input, and of its outputs in the order of the original ones. */
	readonly input: string;
	readonly outputs: readonly string[];
}

/** Puts a Cast before an input and behind each output that is not float32 (half precision networks). */
export function castEnds(graph: Graph): FloatEnds {
	const nodes: GraphNode[] = [];
	const [input] = graph.inputs;
	if (!input) throw new Error("internal: a network without input");
	const isFloat = ({ dtype }: ValueInfo) => dtype === "float32";
	const entry = isFloat(input) ? input.name : "graft/input";
	if (!isFloat(input)) nodes.push(cast(entry, input.name, input.dtype));
	nodes.push(...graph.nodes);
	const outputs = graph.outputs.map((info, index) => {
		if (isFloat(info)) return info;
		const name = `graft/output${index}`;
		nodes.push(cast(info.name, name, "float32"));
		return { ...info, name, dtype: "float32" as const };
	});
	return {
		graph: {
			...graph,
			nodes,
			inputs: [{ ...input, name: entry, dtype: "float32" }],
			outputs,
		},
		input: entry,
		outputs: outputs.map(({ name }) => name),
	};
}

function cast(from: string, to: string, dtype: DType): GraphNode {
	return {
		name: `${to}/Cast`,
		op: "Cast",
		domain: "",
		inputs: [from],
		outputs: [to],
		attributes: { to: KINDS[dtype].onnx },
		layer: `${to}/Cast`,
	};
}
