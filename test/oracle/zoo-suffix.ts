import assert from "node:assert/strict";
import { subgraph } from "../../src/model/edit.ts";
import type { Graph } from "../../src/model/types.ts";
import { zooEntry } from "../../src/model/zoo/zoo.ts";

/** The zoo's network after a tensor, with so many classes, without Dropout. */
export function zooSuffix(
	network: string,
	from: string | undefined,
	classes: number,
): Graph {
	const entry = zooEntry(network);
	assert.ok(entry);
	const whole = entry.build([224, 224]);
	const start = from ?? (whole.inputs[0]?.name as string);
	const part = subgraph(whole, [start], [whole.outputs[0]?.name as string]);
	assert.ok(part.ok);
	const { nodes, initializers } = part.value;
	const last = new RegExp(`^${entry.classifier.replaceAll(".", "\\.")}\\.`);
	return {
		...part.value,
		nodes: nodes.map((node) =>
			node.op === "Dropout"
				? { ...node, inputs: node.inputs.slice(0, 1), attributes: { ratio: 0 } }
				: node,
		),
		initializers: initializers.map((item) =>
			last.test(item.name)
				? { ...item, shape: [classes, ...item.shape.slice(1)] }
				: item,
		),
		outputs: [
			{
				...(part.value.outputs[0] as Graph["outputs"][0]),
				shape: ["n", classes],
			},
		],
	};
}
