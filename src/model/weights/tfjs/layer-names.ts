import { BadKeras } from "../keras/faults.ts";

/** Which layer and which variable of it a weight of model.json is. */
export interface NamedWeight {
	readonly layer: string;
	/** kernel, bias, gamma, … */
	readonly variable: string;
}

/** A layers model has Keras's names: block1_conv1/kernel. */
export function layersModelName(name: string): NamedWeight {
	const plain = name.replace(/:\d+$/, "");
	const slash = plain.lastIndexOf("/");
	return slash < 0
		? { layer: plain, variable: "0" }
		: { layer: plain.slice(0, slash), variable: plain.slice(slash + 1) };
}

/** What TensorFlow's nodes within a layer read. */
const NODES: readonly (readonly [RegExp, string])[] = [
	[/^FusedBatchNormV\d\/ReadVariableOp$/, "moving_mean"],
	[/^FusedBatchNormV\d\/ReadVariableOp_1$/, "moving_variance"],
	[/^(Conv2D|depthwise|MatMul|Tensordot)\/ReadVariableOp$/, "kernel"],
	[/^BiasAdd\/ReadVariableOp$/, "bias"],
	[/^ReadVariableOp$/, "gamma"],
	[/^ReadVariableOp_1$/, "beta"],
];

/**
 * A graph model has TensorFlow's names: StatefulPartitionedCall/vgg16/block1_conv1/Conv2D/ReadVariableOp. Constants of
 * the graph have none. @throws BadKeras where the converter has folded BatchNorm into convolutions.
 */
export function graphModelName(name: string): NamedWeight | undefined {
	if (/_bn_offset$/.test(name))
		throw new BadKeras(
			`it is a graph model whose BatchNorm the converter folded into its convolutions ("${name}"), so the network's own weights are no longer in it; convert the model to a layers model (tensorflowjs_converter --output_format=tfjs_layers_model)`,
		);
	const parts = name.replace(/\/resource$/, "").split("/");
	for (const length of [2, 1]) {
		const layer = parts.at(-1 - length);
		const tail = parts.slice(-length).join("/");
		const [, variable] = NODES.find(([pattern]) => pattern.test(tail)) ?? [];
		if (variable !== undefined && layer !== undefined)
			return { layer, variable };
	}
	return undefined;
}
