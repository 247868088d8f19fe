import assert from "node:assert/strict";
import { createRequire } from "node:module";
import test from "node:test";
import { RunError } from "../../../src/diagnostic.ts";
import { openTfjs } from "../../../src/engine/backend.ts";
import { CONVERTERS } from "../../../src/export/tfjs/operators/table.ts";
import type { Graph, Initializer, Tensor } from "../../../src/model/types.ts";
import { zooEntry, zooNames } from "../../../src/model/zoo/zoo.ts";
import {
	type GoldenCase as Case,
	goldenCases,
	type Plain,
} from "../../engine/golden-cases.ts";
import { askTensorFlow, filesOf, type TensorFlow } from "./open.ts";

/** Operators that something is asked of. */
const cases = goldenCases.filter(({ inputs }) => inputs.length > 0);

/** The node alone: its first input is asked, the others are weights. */
function graphOf({ op, opset, attributes, inputs, constants, output }: Case): {
	readonly graph: Graph;
	readonly weights: Map<string, Tensor>;
} {
	const initializers: Initializer[] = [];
	const weights = new Map<string, Tensor>();
	const names: string[] = [];
	let given = 0;
	const last = Math.max(
		inputs.length + Object.keys(constants).length - 1,
		...Object.keys(constants).map(Number),
	);
	for (let index = 0; index <= last; index++) {
		const constant = constants[index];
		const plain = constant ? undefined : inputs[given];
		const name = `input${index}`;
		names.push(constant || plain ? name : "");
		if (constant) initializers.push({ name, ...constant });
		if (!plain) continue;
		const { shape, data } = plain;
		if (given++ === 0) continue;
		initializers.push({ name, shape, dtype: "float32" });
		weights.set(name, {
			...{ dtype: "float32", shape, data: Float32Array.from(data) },
		});
	}
	const [first] = inputs;
	const asked = names.find((name) => name !== "" && !constants[name.slice(5)]);
	const node = { name: "node", op, domain: "", layer: "layer", attributes };
	const graph: Graph = {
		...{ name: op, opset, initializers },
		nodes: [{ ...node, inputs: names, outputs: ["y"] }],
		inputs: [{ name: asked ?? "", dtype: "float32", shape: first?.shape }],
		outputs: [{ name: "y", dtype: "float32", shape: output.shape }],
	};
	return { graph, weights };
}

/** Where tfjs or its converter has nothing of the kind in some case: of one more dimension, of another mode, at all. */
const REFUSED: Readonly<Record<string, RegExp>> = {
	Celu: /no counterpart/,
	Conv: /moves over 1 dimensions/,
	ConvTranspose: /no counterpart/,
	CumSum: /no counterpart/,
	DepthToSpace: /mode CRD/,
	Einsum: /no counterpart/,
	Gemm: /transA/,
	LogSoftmax: /opset below 13/,
	LpNormalization: /no counterpart/,
	MatMul: /multiplies a vector/,
	MaxPool: /dilations/,
	Mod: /no counterpart/,
	ReduceLogSum: /no counterpart/,
	ReduceLogSumExp: /no counterpart/,
	ScatterND: /no counterpart/,
	Softmax: /opset below 13/,
	SpaceToDepth: /no counterpart/,
	Trilu: /no counterpart/,
};

test("each operator means in the exported graph what it means in PyTorch, or is refused by name", async () => {
	const { tf } = await openTfjs("wasm");
	const converter = createRequire(import.meta.url)(
		"@tensorflow/tfjs-converter",
	);
	const both = { ...tf, ...converter } as unknown as TensorFlow;
	const refused = new Map<string, string>();
	for (const [number, item] of cases.entries()) {
		const { graph, weights } = graphOf(item);
		const [{ data, shape }] = item.inputs as [Plain];
		const what = `${item.op} ${number} of [${shape}]`;
		try {
			const files = filesOf(graph, weights);
			const [answer] = await askTensorFlow(
				...([both, files, Float32Array.from(data), shape] as const),
			);
			assert.deepEqual(answer?.dims, item.output.shape, what);
			const largest = Math.max(...item.output.data.map(Math.abs), 1e-3);
			item.output.data.forEach((value, index) => {
				const off = Math.abs(value - Number(answer?.data[index]));
				assert.ok(
					off <= 1e-5 * largest,
					`${what} [${index}]: ${answer?.data[index]} instead of ${value}`,
				);
			});
		} catch (error) {
			if (!(error instanceof RunError)) throw new Error(what, { cause: error });
			assert.equal(error.code, "export-unsupported");
			assert.match(error.message, /"layer"/);
			refused.set(item.op, error.message);
		}
	}
	assert.deepEqual([...refused.keys()].sort(), Object.keys(REFUSED));
	for (const [op, message] of refused)
		assert.match(message, REFUSED[op] as RegExp);
});

test("every operator of the zoo has a converter", () => {
	for (const name of zooNames()) {
		const graph = zooEntry(name)?.build([224, 224]);
		const without = graph?.nodes.filter(({ op }) => !(op in CONVERTERS));
		assert.deepEqual(without, [], name);
	}
});

test("shapes that follow the batch, as PyTorch's exporters compute them, are the export's own: a class token before the tokens of any number of photos", async () => {
	const nodes = [
		["Shape", ["x"], "batch", { start: 0, end: 1 }],
		["Concat", ["batch", "one_token"], "token_shape", { axis: 0 }],
		["Expand", ["token", "token_shape"], "tokens", {}],
		["Concat", ["batch", "rest"], "row_shape", { axis: 0 }],
		["Reshape", ["x", "row_shape"], "rows", {}],
		["Concat", ["tokens", "rows"], "y", { axis: 1 }],
	].map(([op, inputs, output, attributes]) => ({
		...{ op, name: output, layer: output, domain: "", inputs, attributes },
		outputs: [output],
	})) as unknown as Graph["nodes"];
	const ints = (name: string, values: readonly number[]): Initializer => ({
		...{ name, shape: [values.length], dtype: "int64", values },
	});
	const graph: Graph = {
		...{ name: "tokens", opset: 17, nodes },
		inputs: [{ name: "x", dtype: "float32", shape: ["n", 2, 2, 3] }],
		outputs: [{ name: "y", dtype: "float32", shape: ["n", 5, 3] }],
		initializers: [
			ints("one_token", [1, 3]),
			ints("rest", [4, 3]),
			{ name: "token", shape: [1, 1, 3], dtype: "float32" },
		],
	};
	const token = Float32Array.from([-1, -2, -3]);
	const files = filesOf(
		graph,
		new Map([["token", { dtype: "float32", shape: [1, 1, 3], data: token }]]),
	);
	const { tf } = await openTfjs("wasm");
	const converter = createRequire(import.meta.url)(
		"@tensorflow/tfjs-converter",
	);
	const both = { ...tf, ...converter } as unknown as TensorFlow;
	for (const photos of [1, 4]) {
		const data = Float32Array.from({ length: photos * 12 }, (_, i) => i);
		const dims = [photos, 2, 2, 3];
		const [answer] = await askTensorFlow(both, files, data, dims);
		assert.deepEqual(answer?.dims, [photos, 5, 3]);
		const rows = Array.from({ length: photos }, (_, photo) => [
			...[...token, ...data.subarray(photo * 12, (photo + 1) * 12)],
		]);
		assert.deepEqual([...(answer?.data ?? [])], rows.flat());
	}
});
