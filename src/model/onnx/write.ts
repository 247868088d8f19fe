import { create, toBinary } from "@bufbuild/protobuf";
import { RunError } from "../../diagnostic.ts";
import { bytesOf, KINDS, tensorOf } from "../dtypes.ts";
import { tensorOfInitializer } from "../graph.ts";
import type {
	Attribute,
	DType,
	Graph,
	GraphNode,
	Tensor,
	ValueInfo,
	Weights,
} from "../types.ts";
import { type AttributeKind, kindOf } from "./attribute-kinds.ts";
import {
	type AttributeProto,
	AttributeProtoSchema,
	AttributeProto_AttributeType as AttributeType,
	type GraphProto,
	GraphProtoSchema,
	ModelProtoSchema,
	type NodeProto,
	NodeProtoSchema,
	OperatorSetIdProtoSchema,
	type TensorProto,
	TensorProtoSchema,
	type ValueInfoProto,
	ValueInfoProtoSchema,
} from "./gen/onnx_pb.ts";

/** protobuf's limit for one message, and so for a model without external data. */
const MAX_BYTES = 2 ** 31 - 1;

/** Field number and wire type 2 (length-delimited) of the three nested fields that are written by hand below. */
const MODEL_GRAPH = (7 << 3) | 2;
const GRAPH_INITIALIZER = (5 << 3) | 2;
const TENSOR_RAW_DATA = (9 << 3) | 2;

/**
 * An .onnx file with the weights inside. Every initializer of the graph must be in `weights` or have `values`.
 *
 * `metadata` are the model's metadata_props.
 *
 * Serialised piece by piece into one array: messages nested the ordinary way would copy the weights three times.
 * @throws RunError "model-too-large" beyond 2 GiB.
 */
export function writeOnnx(
	graph: Graph,
	weights: Weights,
	metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
	const model = toBinary(ModelProtoSchema, modelWithoutGraph(graph, metadata));
	const body = toBinary(GraphProtoSchema, graphProto(graph));
	const tensors = graph.initializers.map((initializer) =>
		tensorPieces(initializer.name, tensorOfInitializer(initializer, weights)),
	);
	let graphBytes = body.length;
	for (const { head, raw } of tensors)
		graphBytes += nestedSize(head.length + nestedSize(raw.length));
	const total = model.length + nestedSize(graphBytes);
	if (total > MAX_BYTES)
		throw new RunError(
			"model-too-large",
			`the network "${graph.name}" takes ${(total / 2 ** 30).toFixed(2)} GiB, a model in memory can have 2 GiB`,
			{
				fix: "cut the backbone earlier (model.features) or take a smaller one",
			},
		);

	const file = new Uint8Array(total);
	let position = 0;
	const put = (bytes: Uint8Array) => {
		file.set(bytes, position);
		position += bytes.length;
	};
	put(model);
	put(tagAndLength(MODEL_GRAPH, graphBytes));
	put(body);
	for (const { head, raw } of tensors) {
		put(tagAndLength(GRAPH_INITIALIZER, head.length + nestedSize(raw.length)));
		put(head);
		put(tagAndLength(TENSOR_RAW_DATA, raw.length));
		put(raw);
	}
	return file;
}

function tensorPieces(name: string, tensor: Tensor) {
	return {
		head: toBinary(TensorProtoSchema, tensorProto(name, tensor, false)),
		raw: bytesOf(tensor.data),
	};
}

function modelWithoutGraph(
	graph: Graph,
	metadata: Readonly<Record<string, string>>,
) {
	const domains = { "": graph.opset, ...graph.domains };
	return create(ModelProtoSchema, {
		irVersion: BigInt(irVersion(graph.opset)),
		producerName: "graft",
		metadataProps: Object.entries(metadata).map(([key, value]) => ({
			key,
			value,
		})),
		opsetImport: Object.entries(domains).map(([domain, version]) =>
			create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }),
		),
	});
}

/** The format version that came with an operator set (https://github.com/onnx/onnx/blob/main/docs/Versioning.md). */
function irVersion(opset: number): number {
	if (opset <= 11) return 6;
	if (opset <= 14) return 7;
	if (opset <= 18) return 8;
	if (opset <= 20) return 9;
	return opset <= 22 ? 10 : 11;
}

function graphProto(graph: Graph): GraphProto {
	return create(GraphProtoSchema, {
		name: graph.name || "graph",
		node: graph.nodes.map(nodeProto),
		input: graph.inputs.map(valueInfoProto),
		output: graph.outputs.map(valueInfoProto),
		valueInfo: (graph.valueInfo ?? []).map(valueInfoProto),
	});
}

function nodeProto(node: GraphNode): NodeProto {
	return create(NodeProtoSchema, {
		name: node.name,
		opType: node.op,
		domain: node.domain,
		input: [...node.inputs],
		output: [...node.outputs],
		attribute: Object.entries(node.attributes).map(([name, value]) =>
			attributeProto(
				name,
				value,
				(node.attributeKinds?.[name] as AttributeKind | undefined) ??
					kindOf(name, value),
			),
		),
	});
}

function attributeProto(
	name: string,
	value: Attribute,
	kind: AttributeKind,
): AttributeProto {
	const utf8 = new TextEncoder();
	switch (kind) {
		case "float":
			return attribute({ name, type: AttributeType.FLOAT, f: Number(value) });
		case "int":
			return attribute({
				name,
				type: AttributeType.INT,
				i: BigInt(value as number),
			});
		case "string":
			return attribute({
				name,
				type: AttributeType.STRING,
				s: utf8.encode(value as string),
			});
		case "floats":
			return attribute({
				name,
				type: AttributeType.FLOATS,
				floats: [...(value as readonly number[])],
			});
		case "ints":
			return attribute({
				name,
				type: AttributeType.INTS,
				ints: (value as readonly number[]).map(BigInt),
			});
		case "strings":
			return attribute({
				name,
				type: AttributeType.STRINGS,
				strings: (value as readonly string[]).map((text) => utf8.encode(text)),
			});
		case "tensor":
			return attribute({
				name,
				type: AttributeType.TENSOR,
				t: tensorProto("", value as Tensor, true),
			});
		case "graph":
			return attribute({
				name,
				type: AttributeType.GRAPH,
				g: nestedGraphProto(value as Graph),
			});
	}
}

const attribute = (fields: Partial<Omit<AttributeProto, "$typeName">>) =>
	create(AttributeProtoSchema, fields);

/** A subgraph of If or Loop keeps its small constants in `values`. */
function nestedGraphProto(graph: Graph): GraphProto {
	const proto = graphProto(graph);
	proto.initializer = graph.initializers.map(
		({ name, dtype, shape, values = [] }) =>
			tensorProto(name, tensorOf(dtype, shape, values), true),
	);
	return proto;
}

function tensorProto(
	name: string,
	{ dtype, shape, data }: Tensor,
	withData: boolean,
): TensorProto {
	return create(TensorProtoSchema, {
		name,
		dataType: KINDS[dtype].onnx,
		dims: shape.map(BigInt),
		...(withData ? { rawData: bytesOf(data) } : {}),
	});
}

function valueInfoProto({ name, dtype, shape }: ValueInfo): ValueInfoProto {
	return create(ValueInfoProtoSchema, {
		name,
		type: {
			value: { case: "tensorType", value: tensorType(dtype, shape) },
		},
	});
}

function tensorType(dtype: DType, shape: ValueInfo["shape"]) {
	const elemType = KINDS[dtype].onnx;
	if (!shape) return { elemType };
	const dim = shape.map((size) => ({
		value:
			typeof size === "number"
				? { case: "dimValue" as const, value: BigInt(size) }
				: { case: "dimParam" as const, value: size },
	}));
	return { elemType, shape: { dim } };
}

/** Bytes of a nested field: one for the tag, its length as a varint, its contents. */
function nestedSize(length: number): number {
	return 1 + varint(length).length + length;
}

function tagAndLength(tag: number, length: number): Uint8Array {
	return Uint8Array.from([tag, ...varint(length)]);
}

function varint(value: number): number[] {
	const bytes: number[] = [];
	while (value > 127) {
		bytes.push((value & 127) | 128);
		value = Math.floor(value / 128);
	}
	bytes.push(value);
	return bytes;
}
