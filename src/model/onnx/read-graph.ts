import { dtypeOfOnnx } from "../dtypes.ts";
import type {
	Attribute,
	Graph,
	GraphNode,
	Initializer,
	Tensor,
	ValueInfo,
} from "../types.ts";
import { kindOf } from "./attribute-kinds.ts";
import {
	type AttributeProto,
	AttributeProto_AttributeType as AttributeType,
	type GraphProto,
	type NodeProto,
	type ValueInfoProto,
} from "./gen/onnx_pb.ts";
import { modulePath } from "./module-path.ts";
import { type Origin, readTensor, unreadable } from "./read-tensor.ts";

/** Integers up to this many are structure (shapes, axes, indices), floats only where an operator wants a constant. */
const MAX_STRUCTURE = 1024;

/** Inputs that are constants of the structure even when they are floats: operator → input indices. */
const CONSTANT_INPUTS: Readonly<Record<string, readonly number[]>> = {
	Clip: [1, 2],
	Dropout: [1],
	Pad: [2],
	Resize: [1, 2],
	Upsample: [1],
};

/** A graph of the file and the values it holds. */
export interface ReadGraph {
	readonly graph: Omit<Graph, "opset">;
	readonly weights: Map<string, Tensor>;
}

/**
 * A GraphProto as plain data. Constant nodes become initializers, inputs that are also initializers
 * (IR version 3) stop being inputs, nodes without a name of their own get one.
 */
export function readGraph(proto: GraphProto, origin: Origin): ReadGraph {
	const weights = new Map<string, Tensor>();
	const nodes: GraphNode[] = [];
	const constants = new Set<string>();
	const names = new Set<string>();
	if (proto.sparseInitializer.length > 0)
		throw unreadable(origin, "it holds sparse initializers");
	for (const initializer of proto.initializer)
		weights.set(initializer.name, readTensor(initializer, origin));
	proto.node.forEach((node, index) => {
		const constant =
			node.opType === "Constant" ? constantOf(node, origin) : undefined;
		const output = node.output[0];
		if (constant && output !== undefined) {
			weights.set(output, constant);
			constants.add(output);
		} else nodes.push(readNode(node, index, names, origin));
	});
	const structural = structuralInputs(nodes);
	const initializers = [...weights].map(([name, tensor]): Initializer => {
		const { shape, dtype, data } = tensor;
		const keep =
			/^u?int|bool/.test(dtype) ||
			shape.length === 0 ||
			constants.has(name) ||
			structural.has(name);
		return keep && data.length <= MAX_STRUCTURE && !/16$|8/.test(dtype)
			? {
					name,
					shape,
					dtype,
					values: Array.from(data as ArrayLike<number | bigint>, Number),
				}
			: { name, shape, dtype };
	});
	return {
		graph: {
			name: proto.name,
			nodes,
			inputs: proto.input
				.filter(({ name }) => !weights.has(name))
				.map((info) => valueInfo(info) ?? untyped(info, origin)),
			outputs: proto.output.map(
				(info) => valueInfo(info) ?? untyped(info, origin),
			),
			initializers,
			valueInfo: proto.valueInfo.flatMap((info) => valueInfo(info) ?? []),
		},
		weights,
	};
}

function structuralInputs(nodes: readonly GraphNode[]): ReadonlySet<string> {
	return new Set(
		nodes.flatMap(({ op, inputs }) =>
			(CONSTANT_INPUTS[op] ?? []).flatMap((index) => inputs[index] ?? []),
		),
	);
}

/** A Constant node's tensor; undefined for the kinds that are no numbers. */
function constantOf(node: NodeProto, origin: Origin): Tensor | undefined {
	const [attribute] = node.attribute;
	switch (attribute?.name) {
		case "value":
			return attribute.t && readTensor(attribute.t, origin);
		case "value_float":
			return float32([], [attribute.f]);
		case "value_floats":
			return float32([attribute.floats.length], attribute.floats);
		case "value_int":
			return int64([], [attribute.i]);
		case "value_ints":
			return int64([attribute.ints.length], attribute.ints);
		default:
			return undefined;
	}
}

function float32(shape: readonly number[], values: readonly number[]): Tensor {
	return { dtype: "float32", shape, data: Float32Array.from(values) };
}

function int64(shape: readonly number[], values: readonly bigint[]): Tensor {
	return { dtype: "int64", shape, data: BigInt64Array.from(values) };
}

function readNode(
	proto: NodeProto,
	index: number,
	names: Set<string>,
	origin: Origin,
): GraphNode {
	const wish = proto.name || `${proto.opType}_${index}`;
	let name = wish;
	for (let number = 2; names.has(name); number++) name = `${wish}_${number}`;
	names.add(name);
	const module = modulePath(proto.name, proto.metadataProps);
	const attributes: Record<string, Attribute> = {};
	const kinds: Record<string, string> = {};
	for (const attribute of proto.attribute) {
		const [value, kind] = readAttribute(attribute, name, origin);
		attributes[attribute.name] = value;
		if (kindOf(attribute.name, value) !== kind) kinds[attribute.name] = kind;
	}
	return {
		name,
		op: proto.opType,
		domain: proto.domain === "ai.onnx" ? "" : proto.domain,
		inputs: proto.input,
		outputs: proto.output,
		attributes,
		...(Object.keys(kinds).length > 0 && { attributeKinds: kinds }),
		layer: name,
		...(module !== undefined && { module }),
	};
}

function readAttribute(
	proto: AttributeProto,
	node: string,
	origin: Origin,
): readonly [Attribute, string] {
	const utf8 = new TextDecoder();
	switch (proto.type) {
		case AttributeType.FLOAT:
			return [proto.f, "float"];
		case AttributeType.INT:
			return [Number(proto.i), "int"];
		case AttributeType.STRING:
			return [utf8.decode(proto.s), "string"];
		case AttributeType.FLOATS:
			return [proto.floats, "floats"];
		case AttributeType.INTS:
			return [proto.ints.map(Number), "ints"];
		case AttributeType.STRINGS:
			return [proto.strings.map((text) => utf8.decode(text)), "strings"];
		case AttributeType.TENSOR:
			if (proto.t) return [readTensor(proto.t, origin), "tensor"];
			break;
		case AttributeType.GRAPH:
			if (proto.g) return [nestedGraph(proto.g, origin), "graph"];
			break;
	}
	throw unreadable(
		origin,
		`attribute "${proto.name}" of node "${node}" is of a kind (${AttributeType[proto.type]}) that Graft does not read`,
	);
}

/** A branch of If or a body of Loop: its weights are its own, so they stay in it. */
function nestedGraph(proto: GraphProto, origin: Origin): Graph {
	const { graph, weights } = readGraph(proto, origin);
	return {
		...graph,
		opset: 0,
		initializers: graph.initializers.map((initializer) => ({
			...initializer,
			values: Array.from(
				(weights.get(initializer.name)?.data ?? []) as ArrayLike<
					number | bigint
				>,
				Number,
			),
		})),
	};
}

/** Undefined for what is no tensor of numbers. */
function valueInfo(proto: ValueInfoProto): ValueInfo | undefined {
	if (proto.type?.value.case !== "tensorType") return undefined;
	const { elemType, shape } = proto.type.value.value;
	const dtype = dtypeOfOnnx(elemType);
	if (dtype === undefined) return undefined;
	return {
		name: proto.name,
		dtype,
		shape: shape?.dim.map(({ value }, axis) =>
			value.case === "dimValue"
				? Number(value.value)
				: value.value || `${proto.name}_${axis}`,
		),
	};
}

/** Outputs of subgraphs may leave their type out; nothing else may. */
function untyped(proto: ValueInfoProto, origin: Origin): ValueInfo {
	if (proto.type === undefined)
		return { name: proto.name, dtype: "float32", shape: undefined };
	throw unreadable(
		origin,
		`"${proto.name}" is no tensor of numbers, and networks on photos take and give only those`,
	);
}
