import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { createSession } from "../../src/engine/ort.ts";
import { sizeOf } from "../../src/model/dtypes.ts";
import { readOnnx } from "../../src/model/onnx/read.ts";
import { flops, inferShapes } from "../../src/model/shapes.ts";
import type { Attribute, Graph, Initializer } from "../../src/model/types.ts";

const FOLDER = join(import.meta.dirname, "golden/onnx");

for (const name of ["tiny11", "tiny17"])
	test(`${name}.onnx: every inferred shape is the shape onnxruntime computes`, async () => {
		const { graph, weights } = await readOnnx(join(FOLDER, `${name}.onnx`));
		const dims = [2, 3, 16, 16];
		const shapes = inferShapes(graph, new Map([["image", dims]]));
		const floats = graph.nodes
			.filter(({ op }) => !/Shape|Gather|Unsqueeze|Concat/.test(op))
			.flatMap(({ outputs }) => outputs);
		const session = await createSession(graph, weights, {
			outputs: floats,
			intraOpThreads: 1,
		});
		const results = await session.run(new Float32Array(sizeOf(dims)), dims);
		await session.close();
		for (const [tensor, { dims }] of results)
			assert.deepEqual(shapes.get(tensor), dims, tensor);
	});

/** The shape that one operator gives for inputs of these shapes; numbers are constants. */
function shapeOf(
	op: string,
	inputs: readonly (readonly number[] | Initializer)[],
	attributes: Record<string, Attribute> = {},
): readonly number[] | undefined {
	const name = (index: number) => `in${index}`;
	const isShape = (
		input: readonly number[] | Initializer,
	): input is readonly number[] => Array.isArray(input);
	const graph: Graph = {
		name: "one",
		nodes: [
			{
				name: op,
				op,
				domain: "",
				inputs: inputs.map((_, index) => name(index)),
				outputs: ["out"],
				attributes,
				layer: op,
			},
		],
		inputs: inputs.flatMap((input, index) =>
			isShape(input)
				? { name: name(index), dtype: "float32" as const, shape: undefined }
				: [],
		),
		outputs: [],
		initializers: inputs.flatMap((input, index) =>
			isShape(input) ? [] : { ...input, name: name(index) },
		),
		opset: 17,
	};
	const given = new Map<string, readonly number[]>();
	inputs.forEach((input, index) => {
		if (isShape(input)) given.set(name(index), input);
	});
	return inferShapes(graph, given).get("out");
}

const ints = (...values: number[]): Initializer => ({
	name: "",
	dtype: "int64",
	shape: [values.length],
	values,
});

/** Expected values: PyTorch and numpy on arrays of these shapes. */
test("windows: padding, stride, dilation, ceil mode and SAME", () => {
	const map = [1, 3, 11, 8];
	const weight = [4, 3, 3, 3];
	const conv = (attributes: Record<string, Attribute>) =>
		shapeOf("Conv", [map, weight], attributes);
	assert.deepEqual(conv({}), [1, 4, 9, 6]);
	assert.deepEqual(conv({ pads: [1, 1, 1, 1], strides: [2, 2] }), [1, 4, 6, 4]);
	assert.deepEqual(conv({ dilations: [2, 3] }), [1, 4, 7, 2]);
	assert.deepEqual(
		conv({ auto_pad: "SAME_UPPER", strides: [2, 3] }),
		[1, 4, 6, 3],
	);
	const pool = { kernel_shape: [2, 2], strides: [2, 2] };
	assert.deepEqual(shapeOf("MaxPool", [map], pool), [1, 3, 5, 4]);
	assert.deepEqual(
		shapeOf("AveragePool", [map], { ...pool, ceil_mode: 1 }),
		[1, 3, 6, 4],
	);
	// A last window that would lie in the padding alone is dropped.
	assert.deepEqual(
		shapeOf("MaxPool", [[1, 1, 4, 4]], {
			kernel_shape: [1, 1],
			strides: [2, 2],
			pads: [0, 0, 1, 1],
			ceil_mode: 1,
		}),
		[1, 1, 2, 2],
	);
	assert.deepEqual(shapeOf("GlobalAveragePool", [map]), [1, 3, 1, 1]);
});

test("movement: reshape, transpose, concat, slice, squeeze and pad", () => {
	const x = [2, 3, 4];
	assert.deepEqual(shapeOf("Flatten", [x]), [2, 12]);
	assert.deepEqual(shapeOf("Reshape", [x, ints(0, -1)]), [2, 12]);
	assert.equal(shapeOf("Reshape", [x, ints(5, 5)]), undefined);
	assert.deepEqual(shapeOf("Transpose", [x], { perm: [2, 0, 1] }), [4, 2, 3]);
	assert.deepEqual(shapeOf("Concat", [x, [2, 5, 4]], { axis: -2 }), [2, 8, 4]);
	assert.deepEqual(
		shapeOf("Slice", [x, ints(1, -3), ints(2 ** 63, -1), ints(1, 2)]),
		[2, 2, 2],
	);
	assert.deepEqual(
		shapeOf("Slice", [x, ints(-1), ints(-(2 ** 63)), ints(2), ints(-2)]),
		[2, 3, 2],
	);
	assert.deepEqual(shapeOf("Gather", [x, ints(0, 2)], { axis: 1 }), [2, 2, 4]);
	assert.deepEqual(shapeOf("Unsqueeze", [x, ints(0, -1)]), [1, 2, 3, 4, 1]);
	assert.deepEqual(shapeOf("Squeeze", [[1, 3, 1], ints(-1)]), [1, 3]);
	assert.deepEqual(shapeOf("Pad", [x, ints(0, 1, 0, 0, 2, 3)]), [2, 6, 7]);
	assert.deepEqual(shapeOf("Expand", [[3, 1], ints(2, 1, 5)]), [2, 3, 5]);
});

test("the amounts of Pad are followed through the reversal that torch.onnx writes", () => {
	const op = (
		name: string,
		inputs: string[],
		attributes: Record<string, Attribute> = {},
	) => ({
		name,
		op: name.replace(/\d/, ""),
		domain: "",
		inputs,
		outputs: [name],
		attributes,
		layer: name,
	});
	const constant = (name: string, ...values: number[]) => ({
		...ints(...values),
		name,
	});
	// F.pad(x, (1, 2, 3, 4)): left, right, top, bottom; max(amount, 0) is a Clip whose upper bound is left out.
	const graph: Graph = {
		name: "pad",
		nodes: [
			op("Clip", ["amounts", "zero", ""]),
			op("Reshape1", ["Clip", "pairs"]),
			op("Slice", ["Reshape1", "last", "first", "axis", "back"]),
			op("Transpose", ["Slice"], { perm: [1, 0] }),
			op("Reshape2", ["Transpose", "back"]),
			op("Pad", ["x", "Reshape2"]),
		],
		inputs: [{ name: "x", dtype: "float32", shape: undefined }],
		outputs: [],
		initializers: [
			constant("amounts", 1, 2, 3, 4, -5, 0, 0, 0),
			constant("zero", 0),
			constant("pairs", -1, 2),
			constant("last", -1),
			constant("first", -(2 ** 63)),
			constant("axis", 0),
			constant("back", -1),
		],
		opset: 17,
	};
	const shapes = inferShapes(graph, new Map([["x", [1, 3, 10, 20]]]));
	assert.deepEqual(shapes.get("Pad"), [1, 3, 17, 23]);
});

test("products: Gemm, MatMul, reductions and broadcasting", () => {
	assert.deepEqual(
		shapeOf("Gemm", [[2, 5], [7, 5], [7]], { transB: 1 }),
		[2, 7],
	);
	assert.deepEqual(
		shapeOf("MatMul", [
			[4, 1, 2, 3],
			[5, 3, 6],
		]),
		[4, 5, 2, 6],
	);
	assert.deepEqual(shapeOf("MatMul", [[2, 3], [3]]), [2]);
	assert.deepEqual(
		shapeOf("ReduceMean", [[2, 3, 4, 4]], { axes: [-1, -2], keepdims: 0 }),
		[2, 3],
	);
	assert.deepEqual(
		shapeOf("Add", [
			[2, 1, 4],
			[3, 1],
		]),
		[2, 3, 4],
	);
	assert.equal(shapeOf("Add", [[2], [3]]), undefined);
});

test("an unknown operator has no shape, and neither has what follows it", () => {
	assert.equal(shapeOf("MyOwnOperator", [[1, 2]]), undefined);
});

test("a convolution by groups counts the multiply-adds it does", () => {
	const shapes = new Map([
		["x", [1, 8, 4, 4]],
		["w", [8, 1, 3, 3]],
		["y", [1, 8, 4, 4]],
	]);
	const node = {
		name: "c",
		op: "Conv",
		domain: "",
		inputs: ["x", "w"],
		outputs: ["y"],
		attributes: { group: 8 },
		layer: "c",
	};
	assert.equal(flops(node, shapes), 2 * 8 * 16 * 9);
});
