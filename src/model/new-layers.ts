import type { LayerSpec, Replacement } from "../experiment/types.ts";
import { sizeOf } from "./dtypes.ts";
import type { GraphNode, Initializer } from "./types.ts";
import { gelu } from "./zoo/activations.ts";
import { adaptiveAveragePool } from "./zoo/adaptive-pool.ts";
import { type NetworkBuilder, network } from "./zoo/builder.ts";

/** torch.nn's layers as nodes: one, or an nn.Sequential of them. */

/** Layers that were made, in a row. */
export interface MadeLayers {
	readonly nodes: readonly GraphNode[];
	/** `<layer>.weight`, `<layer>.bias` …, and constants. */
	readonly initializers: readonly Initializer[];
	/** What leaves the last of them. */
	readonly output: string;
	/** Its shape, batch included. */
	readonly shape: readonly number[];
}

/** A layer that cannot take what enters it. */
export interface LayerFault {
	/** torch.nn's name. */
	readonly name: string;
	/** What enters it, batch included; undefined where it is not known. */
	readonly shape: readonly number[] | undefined;
	readonly reason: string;
	/** Its number in a list. */
	readonly index: number | undefined;
}

/** @param input the tensor that enters, of this shape. A list's layers are `<layer>.0`, `<layer>.1` … */
export function makeLayers(
	layer: string,
	spec: Replacement,
	input: string,
	entering: readonly number[] | undefined,
): { readonly made: MadeLayers } | { readonly fault: LayerFault } {
	const net = network(layer, []);
	const isList = Array.isArray(spec);
	const list: readonly LayerSpec[] = isList ? spec : [spec as LayerSpec];
	let x = input;
	let shape = entering;
	for (const [index, each] of list.entries()) {
		const name = isList ? `${layer}.${index}` : layer;
		const next = addLayer(net, x, name, each, shape);
		if ("reason" in next) {
			const [kind = ""] = Object.keys(each);
			const at = isList ? index : undefined;
			return { fault: { name: kind, shape, ...next, index: at } };
		}
		[x, shape] = [name, next.shape];
	}
	const { nodes, initializers } = net.finish(x, 0);
	// Other layers of the network may have constants of these names.
	const own = (name: string) =>
		/^constant\.\d+$/.test(name) ? `${layer}.${name}` : name;
	return {
		made: {
			nodes: nodes.map((node) => ({ ...node, inputs: node.inputs.map(own) })),
			initializers: initializers.map((item) => ({
				...item,
				name: own(item.name),
			})),
			output: x,
			shape: shape ?? [],
		},
	};
}

type Added =
	| { readonly shape: readonly number[] | undefined }
	| { readonly reason: string };

const VECTOR = "takes a vector [n, d]";
const MAP = "takes a map [n, c, h, w]";

function addLayer(
	net: NetworkBuilder,
	x: string,
	layer: string,
	spec: LayerSpec,
	shape: readonly number[] | undefined,
): Added {
	const [n = 1, c = 1, h = 1, w = 1] = shape ?? [];
	const needs = (rank: number, reason: string): Added | undefined =>
		shape?.length === rank ? undefined : { reason };
	const same = { shape };
	if ("Linear" in spec) {
		const { out_features: out, bias } = spec.Linear;
		const wrong = needs(2, `Linear ${VECTOR}`);
		if (wrong) return wrong;
		const parts = [net.parameter(`${layer}.weight`, [out, c])];
		if (bias) parts.push(net.parameter(`${layer}.bias`, [out]));
		net.node("Gemm", layer, [x, ...parts], { transB: 1 });
		return { shape: [n, out] };
	}
	if ("Conv2d" in spec) {
		const wrong = needs(4, `Conv2d ${MAP}`);
		return wrong ?? addConv(net, x, layer, spec.Conv2d, [n, c, h, w]);
	}
	if ("BatchNorm2d" in spec || "BatchNorm1d" in spec) {
		const isMap = "BatchNorm2d" in spec;
		const { eps } = isMap ? spec.BatchNorm2d : spec.BatchNorm1d;
		const wrong = isMap
			? needs(4, `BatchNorm2d ${MAP}`)
			: needs(2, `BatchNorm1d ${VECTOR}`);
		if (wrong) return wrong;
		net.batchNorm(x, layer, c, eps);
		return same;
	}
	if ("AdaptiveAvgPool2d" in spec) {
		const wrong = needs(4, `AdaptiveAvgPool2d ${MAP}`);
		if (wrong) return wrong;
		const [outH, outW] = pair(spec.AdaptiveAvgPool2d.output_size);
		if (outH === 1 && outW === 1) net.globalAveragePool(x, layer);
		else adaptiveAveragePool(net, x, layer, [h, w], [outH, outW]);
		return { shape: [n, c, outH, outW] };
	}
	if ("Flatten" in spec) {
		net.flatten(x, layer);
		return { shape: shape && [n, sizeOf(shape.slice(1))] };
	}
	if ("Dropout" in spec) {
		const { p } = spec.Dropout;
		const ratio = net.constant("float32", [], [p], `${layer}.ratio`);
		net.node("Dropout", layer, [x, ratio]);
		return same;
	}
	if ("LogSoftmax" in spec)
		net.node("LogSoftmax", layer, [x], { axis: spec.LogSoftmax.dim });
	else if ("Softmax" in spec)
		net.node("Softmax", layer, [x], { axis: spec.Softmax.dim });
	else if ("GELU" in spec) gelu(net, x, layer);
	else net.node("ReLU" in spec ? "Relu" : "Identity", layer, [x]);
	return same;
}

type Conv2d = Extract<LayerSpec, { readonly Conv2d: unknown }>["Conv2d"];

function addConv(
	net: NetworkBuilder,
	x: string,
	layer: string,
	options: Conv2d,
	[n, c, h, w]: readonly [number, number, number, number],
): Added {
	const { out_channels: out, groups, bias } = options;
	const [kernel, stride, padding] = [
		pair(options.kernel_size),
		pair(options.stride),
		pair(options.padding),
	];
	if (c % groups !== 0 || out % groups !== 0)
		return {
			reason: `groups: ${groups} must divide the ${c} channels that enter and the ${out} that leave`,
		};
	const parts = [
		net.parameter(`${layer}.weight`, [out, c / groups, ...kernel]),
	];
	if (bias) parts.push(net.parameter(`${layer}.bias`, [out]));
	net.node("Conv", layer, [x, ...parts], {
		kernel_shape: kernel,
		strides: stride,
		dilations: [1, 1],
		group: groups,
		pads: [...padding, ...padding],
	});
	const size = [h, w].map(
		(side, axis) =>
			Math.floor(
				(side + 2 * (padding[axis] ?? 0) - (kernel[axis] ?? 1)) /
					(stride[axis] ?? 1),
			) + 1,
	);
	if (size.some((side) => side < 1))
		return { reason: `its kernel is larger than the map of ${h} x ${w}` };
	return { shape: [n, out, ...size] };
}

/** torch takes one number for both sides. */
function pair(value: number | readonly number[]): [number, number] {
	if (typeof value === "number") return [value, value];
	return [value[0] ?? 1, value[1] ?? value[0] ?? 1];
}
