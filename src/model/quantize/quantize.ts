import { sizeOf } from "../dtypes.ts";
import { tensorOfInitializer } from "../graph.ts";
import type { GraphNode, Initializer, Tensor } from "../types.ts";
import { type Loaded, prune } from "./fold.ts";
import { quantizationPoints } from "./points.ts";
import type { Range, Ranges } from "./ranges.ts";

/**
 * The network with QuantizeLinear and DequantizeLinear around what is to be computed on bytes; onnxruntime joins each
 * operator with the pairs around it into one on integers.
 *
 *   x ─ Q ─ DQ ─┐
 *   w int8 ─ DQ ─ Conv ─ Relu ─ Q ─ DQ ─ …
 *   b int32 ─ DQ ┘
 *
 * Activations are uint8 with a zero point, a scale each; weights int8 without, a scale each output channel; biases int32
 * of both scales. Formulas: onnxruntime.ai/docs/performance/model-optimizations/quantization.html. Pure.
 * @param loaded folded (fold.ts): a BatchNormalization that is left stays float32.
 * @param ranges of every tensor that `quantizationPoints` names.
 */
export function quantize(
	{ graph, weights }: Loaded,
	ranges: Ranges,
	skip: ReadonlySet<string> = new Set(),
): Loaded {
	const { heavy, tensors } = quantizationPoints(graph, skip);
	const values = new Map(weights);
	const initializers: Initializer[] = [...graph.initializers];
	const constants = new Map(graph.initializers.map((one) => [one.name, one]));
	const put = (name: string, tensor: Tensor): string => {
		if (!values.has(name)) {
			const { shape, dtype } = tensor;
			initializers.push({ name, shape, dtype });
			values.set(name, tensor);
		}
		return name;
	};
	const floatsOf = (name: string): Float32Array =>
		tensorOfInitializer(constants.get(name) as Initializer, weights)
			.data as Float32Array;

	const steps = new Map<string, Step>();
	for (const [tensor, as] of tensors) {
		const range = ranges.get(as);
		if (range === undefined) throw new Error(`internal: no range of ${as}`);
		steps.set(tensor, stepOf(range));
	}
	const outputs = new Set(graph.outputs.map(({ name }) => name));
	const inputs = new Set(graph.inputs.map(({ name }) => name));
	/** What the producer of a tensor calls it: readers of the cut tensor must find the bytes' values under its name. */
	const produced = (name: string) =>
		tensors.has(name) && outputs.has(name) && !inputs.has(name)
			? `${name}/float`
			: name;
	const read = (name: string) =>
		tensors.has(name)
			? produced(name) === name
				? `${name}/bytes`
				: name
			: name;

	const nodes: GraphNode[] = [];
	const pair = (tensor: string, layer: string) => {
		const { scale, zeroPoint } = steps.get(tensor) as Step;
		const as = tensors.get(tensor) as string;
		const scaleName = put(`${as}/scale`, scalar("float32", scale));
		const zeroName = put(`${as}/zero`, scalar("uint8", zeroPoint));
		const constant = [scaleName, zeroName];
		nodes.push(
			node("QuantizeLinear", layer, produced(tensor), constant, `${tensor}/q`),
			node("DequantizeLinear", layer, `${tensor}/q`, constant, read(tensor)),
		);
	};
	for (const { name } of graph.inputs) if (tensors.has(name)) pair(name, name);
	for (const old of graph.nodes) {
		const { layer } = old;
		let taken = old.inputs.map(read);
		if (heavy.has(old)) {
			const [x = "", w = "", b = ""] = old.inputs;
			const { scale: xScale } = steps.get(x) as Step;
			const axis = old.op === "Conv" || old.attributes.transB ? 0 : 1;
			const shape = constants.get(w)?.shape ?? [];
			const whole = `${w}/int8.${axis}`;
			const packed = packWeights(floatsOf(w), shape, axis);
			const n = packed.scales.length;
			put(whole, { dtype: "int8", shape, data: packed.data });
			put(`${whole}/scale`, vector("float32", packed.scales));
			put(`${whole}/zero`, vector("int8", new Int8Array(n)));
			const own = `${old.name}/w`;
			const constant = [`${whole}/scale`, `${whole}/zero`];
			nodes.push(
				node("DequantizeLinear", layer, whole, constant, own, { axis }),
			);
			taken = [read(x), own, ...taken.slice(2)];
			if (b !== "" && constants.get(b)?.dtype === "float32") {
				const name = `${old.name}/b`;
				const bias = packBias(floatsOf(b), packed.scales, xScale);
				put(`${name}.int32`, vector("int32", bias.data));
				put(`${name}.scale`, vector("float32", bias.scales));
				put(`${name}.zero`, vector("int32", new Int32Array(n)));
				const constant = [`${name}.scale`, `${name}.zero`];
				const attributes = { axis: 0 };
				nodes.push(
					node(
						"DequantizeLinear",
						layer,
						`${name}.int32`,
						constant,
						name,
						attributes,
					),
				);
				taken[2] = name;
			}
		}
		nodes.push({ ...old, inputs: taken, outputs: old.outputs.map(produced) });
		for (const name of old.outputs) if (tensors.has(name)) pair(name, layer);
	}
	const { valueInfo: _, ...rest } = graph;
	// Per-channel DequantizeLinear came with opset 13.
	const opset = Math.max(13, graph.opset);
	return prune({
		graph: { ...rest, opset, nodes, initializers },
		weights: values,
	});
}

/** value = (byte - zeroPoint) · scale. */
export interface Step {
	readonly scale: number;
	readonly zeroPoint: number;
}

/** uint8 over a range that always holds zero, which is exact: padding and Relu need it. */
export function stepOf({ min, max }: Range): Step {
	const low = Math.min(0, min);
	const high = Math.max(0, max);
	const scale = Math.fround((high - low) / 255) || 1;
	const zeroPoint = Math.max(0, Math.min(255, Math.round(-low / scale)));
	return { scale, zeroPoint };
}

/** Symmetric int8, one scale for each index of `axis` of a [a, b, …] tensor. */
export function packWeights(
	values: Float32Array,
	shape: readonly number[],
	axis: 0 | 1,
): { readonly data: Int8Array; readonly scales: Float32Array } {
	const channels = shape[axis] ?? 1;
	const inner = sizeOf(shape.slice(axis + 1));
	const outer = values.length / (channels * inner);
	const scales = new Float32Array(channels);
	const data = new Int8Array(values.length);
	for (let c = 0; c < channels; c++) {
		let most = 0;
		for (let o = 0; o < outer; o++) {
			const start = (o * channels + c) * inner;
			for (let at = start; at < start + inner; at++) {
				const size = Math.abs(values[at] as number);
				if (size > most) most = size;
			}
		}
		const scale = Math.fround(most / 127) || 1;
		scales[c] = scale;
		for (let o = 0; o < outer; o++) {
			const start = (o * channels + c) * inner;
			for (let at = start; at < start + inner; at++)
				data[at] = Math.round((values[at] as number) / scale);
		}
	}
	return { data, scales };
}

function packBias(bias: Float32Array, scales: Float32Array, xScale: number) {
	const both = scales.map((scale) => scale * xScale);
	const data = Int32Array.from(bias, (value, c) =>
		Math.max(
			-(2 ** 31),
			Math.min(2 ** 31 - 1, Math.round(value / both[both.length > 1 ? c : 0])),
		),
	);
	return { data, scales: both };
}

function scalar(dtype: "float32" | "uint8", value: number): Tensor {
	const data =
		dtype === "float32" ? Float32Array.of(value) : Uint8Array.of(value);
	return { dtype, shape: [], data };
}

function vector(
	dtype: "float32" | "int8" | "int32",
	data: Tensor["data"],
): Tensor {
	return { dtype, shape: [data.length], data };
}

function node(
	op: string,
	layer: string,
	input: string,
	constants: readonly string[],
	output: string,
	attributes: GraphNode["attributes"] = {},
): GraphNode {
	return {
		name: `${output}:${op}`,
		op,
		domain: "",
		inputs: [input, ...constants],
		outputs: [output],
		attributes,
		layer,
	};
}
