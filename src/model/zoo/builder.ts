import type {
	Attribute,
	Dim,
	DType,
	Graph,
	GraphNode,
	Initializer,
} from "../types.ts";

/**
 * Writes a Graph layer by layer, in the words of torch.nn. Each method takes the tensor that enters and
 * the layer's name, adds nodes and initializers (`<layer>.weight` …), and returns the tensor that leaves,
 * which bears the layer's name.
 *
 *   const net = network("lenet", ["n", 1, 28, 28]);
 *   let x = net.conv(net.input, "conv1", { in: 1, out: 6, kernel: 5 });
 *   x = net.relu(x, "relu1");
 *   return net.finish(net.linear(net.flatten(x, "flatten"), "fc", 3456, 10), 10);
 */
export interface NetworkBuilder {
	readonly input: string;
	/** nn.Conv2d; bias unless told otherwise. */
	readonly conv: (x: string, layer: string, options: ConvOptions) => string;
	/** nn.BatchNorm2d; momentum is torch's, of which ONNX's is what is left to 1. */
	readonly batchNorm: (
		x: string,
		layer: string,
		channels: number,
		epsilon?: number,
		momentum?: number,
	) => string;
	/** nn.Linear on [n, in]. */
	readonly linear: (
		x: string,
		layer: string,
		inFeatures: number,
		outFeatures: number,
	) => string;
	readonly relu: (x: string, layer: string) => string;
	readonly relu6: (x: string, layer: string) => string;
	readonly dropout: (x: string, layer: string, p: number) => string;
	readonly maxPool: (
		x: string,
		layer: string,
		kernel: number,
		stride: number,
		options?: PoolOptions,
	) => string;
	readonly globalAveragePool: (x: string, layer: string) => string;
	readonly flatten: (x: string, layer: string) => string;
	readonly add: (x: string, y: string, layer: string) => string;
	/**
	 * Any operator; `inputs` may hold initializers made by `constant`. A layer of several nodes names all but
	 * its last by a `part`, so that the layer's name means what leaves it.
	 */
	readonly node: (
		op: string,
		layer: string,
		inputs: readonly string[],
		attributes?: Readonly<Record<string, Attribute>>,
		part?: string,
	) => string;
	/** torch.chunk along the channels: equal parts, in order. */
	readonly chunk: (x: string, layer: string, count: number) => string[];
	/** A learnt tensor of the state_dict, by its whole name. */
	readonly parameter: (name: string, shape: readonly number[]) => string;
	/** A constant of the structure; asked for twice, made once. `name`: where the state_dict holds it too. */
	readonly constant: (
		dtype: DType,
		shape: readonly number[],
		values: readonly number[],
		name?: string,
	) => string;
	/** The graph whose last tensor is `output`, of shape [n, features]. */
	readonly finish: (output: string, features: number) => Graph;
}

/** Of one nn.MaxPool2d. */
export interface PoolOptions {
	/** Pixels on every side. */
	readonly padding?: number;
	/** Whether a last window may reach over the edge. */
	readonly ceil?: boolean;
}

/** Of one convolution. */
export interface ConvOptions {
	readonly in: number;
	readonly out: number;
	readonly kernel: number;
	readonly stride?: number;
	/** Pixels on every side, or TensorFlow's SAME (what does not divide goes to the right and the bottom). */
	readonly padding?: number | "same";
	readonly groups?: number;
	readonly bias?: boolean;
}

/** Starts a network with one float32 input named "input" of this shape (NCHW). */
export function network(name: string, shape: readonly Dim[]): NetworkBuilder {
	const nodes: GraphNode[] = [];
	const initializers = new Map<string, Initializer>();
	const constants = new Map<string, string>();

	function parameter(name: string, shape: readonly number[]): string {
		initializers.set(name, { name, shape, dtype: "float32" });
		return name;
	}

	const builder: NetworkBuilder = {
		input: "input",
		node(op, layer, inputs, attributes = {}, part = undefined) {
			const name = part === undefined ? layer : `${layer}.${part}`;
			nodes.push({
				name,
				op,
				domain: "",
				inputs,
				outputs: [name],
				attributes,
				layer,
			});
			return name;
		},
		chunk(x, layer, count) {
			const outputs = Array.from({ length: count }, (_, i) => `${layer}.${i}`);
			nodes.push({
				name: layer,
				op: "Split",
				domain: "",
				inputs: [x],
				outputs,
				attributes: { axis: 1 },
				layer,
			});
			return outputs;
		},
		parameter,
		constant(dtype, shape, values, own) {
			const key = `${dtype} [${shape}] ${values}`;
			const name = own ?? constants.get(key) ?? `constant.${constants.size}`;
			if (own === undefined) constants.set(key, name);
			initializers.set(name, { name, shape, dtype, values });
			return name;
		},
		conv(x, layer, options) {
			const { kernel, stride = 1, padding = 0, groups = 1 } = options;
			const inputs = [
				x,
				parameter(`${layer}.weight`, [
					options.out,
					options.in / groups,
					kernel,
					kernel,
				]),
			];
			if (options.bias !== false)
				inputs.push(parameter(`${layer}.bias`, [options.out]));
			return builder.node("Conv", layer, inputs, {
				kernel_shape: [kernel, kernel],
				strides: [stride, stride],
				dilations: [1, 1],
				group: groups,
				...(padding === "same"
					? { auto_pad: "SAME_UPPER" }
					: { pads: [padding, padding, padding, padding] }),
			});
		},
		batchNorm(x, layer, channels, epsilon = 1e-5, momentum = 0.1) {
			const inputs = ["weight", "bias", "running_mean", "running_var"].map(
				(part) => parameter(`${layer}.${part}`, [channels]),
			);
			return builder.node("BatchNormalization", layer, [x, ...inputs], {
				epsilon,
				// 0.9 is what ONNX means without it.
				...(momentum !== 0.1 && { momentum: 1 - momentum }),
			});
		},
		linear(x, layer, inFeatures, outFeatures) {
			const weight = parameter(`${layer}.weight`, [outFeatures, inFeatures]);
			const bias = parameter(`${layer}.bias`, [outFeatures]);
			return builder.node("Gemm", layer, [x, weight, bias], { transB: 1 });
		},
		relu: (x, layer) => builder.node("Relu", layer, [x]),
		relu6: (x, layer) =>
			builder.node("Clip", layer, [
				x,
				builder.constant("float32", [], [0]),
				builder.constant("float32", [], [6]),
			]),
		dropout: (x, layer, p) =>
			builder.node("Dropout", layer, [x, builder.constant("float32", [], [p])]),
		maxPool: (x, layer, kernel, stride, { padding = 0, ceil = false } = {}) =>
			builder.node("MaxPool", layer, [x], {
				kernel_shape: [kernel, kernel],
				strides: [stride, stride],
				...(padding && { pads: [padding, padding, padding, padding] }),
				...(ceil && { ceil_mode: 1 }),
			}),
		globalAveragePool: (x, layer) =>
			builder.node("GlobalAveragePool", layer, [x]),
		flatten: (x, layer) => builder.node("Flatten", layer, [x], { axis: 1 }),
		add: (x, y, layer) => builder.node("Add", layer, [x, y]),
		finish: (output, features) => ({
			name,
			nodes,
			inputs: [{ name: "input", dtype: "float32", shape }],
			outputs: [
				{ name: output, dtype: "float32", shape: [shape[0] ?? "n", features] },
			],
			initializers: [...initializers.values()],
			opset: 17,
		}),
	};
	return builder;
}
