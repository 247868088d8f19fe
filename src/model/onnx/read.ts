import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { RunError } from "../../diagnostic.ts";
import { inputsOf } from "../graph.ts";
import type { Graph, Weights } from "../types.ts";
import { type ModelProto, ModelProtoSchema } from "./gen/onnx_pb.ts";
import { inlineFunctions } from "./inline.ts";
import { readGraph } from "./read-graph.ts";
import { type Origin, unreadable } from "./read-tensor.ts";

/** What an .onnx file holds. */
export interface OnnxModel {
	readonly graph: Graph;
	readonly weights: Weights;
}

/**
 * A network from an .onnx file (or its bytes), with the weights inside or in data files beside it.
 * Large weights are views of the bytes, which must not change afterwards.
 * @throws RunError "onnx-unreadable", "onnx-external-data".
 */
export async function readOnnx(
	source: string | Uint8Array,
): Promise<OnnxModel> {
	if (typeof source !== "string")
		return parse(source, { path: "the model", folder: undefined });
	let bytes: Uint8Array;
	try {
		bytes = await readFile(source);
	} catch (cause) {
		const { code, message } = cause as NodeJS.ErrnoException;
		const what =
			code === "ENOENT"
				? `there is no file ${source}`
				: code === "EISDIR"
					? `${source} is a folder, expected an .onnx file`
					: `${source} cannot be read: ${message}`;
		throw new RunError("onnx-unreadable", what, {
			fix: "check the path after onnx:, which counts from the experiment file, and its permissions",
			cause,
		});
	}
	return parse(bytes, { path: source, folder: dirname(source) });
}

function parse(bytes: Uint8Array, origin: Origin): OnnxModel {
	const model = decode(bytes, origin);
	if (!model.graph || model.graph.node.length === 0)
		throw unreadable(origin, `it holds no network${hint(bytes)}`);
	if (model.graph.output.length === 0)
		throw unreadable(origin, "its network has no output");
	const versions = new Map(
		model.opsetImport.map(({ domain, version }) => [
			domain === "ai.onnx" ? "" : domain,
			Number(version),
		]),
	);
	const opset = versions.get("");
	if (opset === undefined)
		throw unreadable(origin, "it does not say which opset it is written in");
	versions.delete("");
	const { graph, weights } = readGraph(inlineFunctions(model), origin);
	checkTensors({ ...graph, opset }, origin);
	const domains = Object.fromEntries(versions);
	return {
		graph: {
			...graph,
			opset,
			...(versions.size > 0 && { domains }),
		},
		weights,
	};
}

function decode(bytes: Uint8Array, origin: Origin): ModelProto {
	if (bytes.length === 0) throw unreadable(origin, "it is empty");
	try {
		return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
	} catch (cause) {
		throw unreadable(
			origin,
			hint(bytes) === ""
				? `it ends too early or is no protobuf (${(cause as Error).message}; ${bytes.length} bytes)`
				: `it holds no network${hint(bytes)}`,
			cause,
		);
	}
}

/** What the file seems to be instead. */
function hint(bytes: Uint8Array): string {
	const start = Buffer.from(bytes.subarray(0, 64)).toString("latin1");
	if (start.startsWith("version https://git-lfs"))
		return "; it is a Git LFS pointer: run `git lfs pull`";
	if (start.startsWith("PK"))
		return "; it is a zip archive, as PyTorch writes .pth files: export with torch.onnx.export";
	if (/^\s*<(!doctype|html)/i.test(start))
		return "; it is an HTML page, perhaps of a download that failed";
	if (start.slice(8).startsWith("{")) return "; it looks like .safetensors";
	return "";
}

/** Every tensor must be made before it is read. */
function checkTensors(graph: Graph, origin: Origin): void {
	const made = new Set([
		...graph.inputs.map(({ name }) => name),
		...graph.initializers.map(({ name }) => name),
	]);
	for (const node of graph.nodes) {
		const missing = inputsOf(node).find((name) => !made.has(name));
		if (missing !== undefined)
			throw unreadable(
				origin,
				`node "${node.name}" (${node.op}) reads "${missing}", which nothing before it makes`,
			);
		for (const output of node.outputs) made.add(output);
	}
	const missing = graph.outputs.find(({ name }) => !made.has(name));
	if (missing)
		throw unreadable(origin, `its output "${missing.name}" is made by no node`);
}
