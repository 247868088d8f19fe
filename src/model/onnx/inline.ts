import { clone, create } from "@bufbuild/protobuf";
import {
	type AttributeProto,
	AttributeProtoSchema,
	type FunctionProto,
	type GraphProto,
	GraphProtoSchema,
	type ModelProto,
	type NodeProto,
	NodeProtoSchema,
} from "./gen/onnx_pb.ts";

/**
 * Model-local functions, as torch.onnx's newer exporter writes them, replaced by their bodies: every call gets
 * its own copy, whose tensors and nodes bear the call's name in front.
 * @returns the model's graph, unchanged where it calls no function.
 */
export function inlineFunctions(model: ModelProto): GraphProto {
	const graph = model.graph ?? create(GraphProtoSchema);
	if (model.functions.length === 0) return graph;
	const functions = new Map(
		model.functions.map((fn) => [`${fn.domain}:${fn.name}`, fn]),
	);
	return {
		...graph,
		node: graph.node.flatMap((node, index) => inlined(node, index, functions)),
	};
}

function inlined(
	node: NodeProto,
	index: number,
	functions: ReadonlyMap<string, FunctionProto>,
): readonly NodeProto[] {
	const fn = functions.get(`${node.domain}:${node.opType}`);
	if (!fn) return [node];
	const call = node.name || `${node.opType}_${index}`;
	const names = new Map<string, string>([["", ""]]);
	fn.input.forEach((name, at) => {
		names.set(name, node.input[at] ?? "");
	});
	fn.output.forEach((name, at) => {
		if (node.output[at]) names.set(name, node.output[at]);
	});
	const renamed = (name: string) => names.get(name) ?? `${call}/${name}`;
	return fn.node.flatMap((inner, at) => {
		const copy = clone(NodeProtoSchema, inner);
		copy.name = `${call}/${inner.name || `${inner.opType}_${at}`}`;
		copy.input = inner.input.map(renamed);
		copy.output = inner.output.map(renamed);
		copy.attribute = inner.attribute.flatMap(
			(attribute) => givenAttribute(attribute, node, fn) ?? [],
		);
		return inlined(copy, at, functions);
	});
}

/** An attribute of the body that refers to one of the call takes its value, or the function's default, or is left out. */
function givenAttribute(
	attribute: AttributeProto,
	call: NodeProto,
	fn: FunctionProto,
): AttributeProto | undefined {
	if (attribute.refAttrName === "") return attribute;
	const value =
		call.attribute.find(({ name }) => name === attribute.refAttrName) ??
		fn.attributeProto.find(({ name }) => name === attribute.refAttrName);
	return (
		value && create(AttributeProtoSchema, { ...value, name: attribute.name })
	);
}
