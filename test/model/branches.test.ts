import assert from "node:assert/strict";
import test from "node:test";
import { createSession } from "../../src/engine/ort.ts";
import { takeBranches } from "../../src/model/onnx/branches.ts";
import { freeBatch } from "../../src/model/onnx/free-batch.ts";
import { inferShapes } from "../../src/model/shapes.ts";
import type {
	Attribute,
	Graph,
	GraphNode,
	Initializer,
	ValueInfo,
} from "../../src/model/types.ts";

const node = (
	op: string,
	inputs: string[],
	outputs: string[],
	attributes: Record<string, Attribute> = {},
): GraphNode => ({
	name: `${op}:${outputs}`,
	op,
	domain: "",
	inputs,
	outputs,
	attributes,
	layer: op,
});

const ints = (name: string, ...values: number[]): Initializer => ({
	name,
	dtype: "int64",
	shape: [values.length],
	values,
});

const tensor = (name: string, shape?: (number | string)[]): ValueInfo => ({
	name,
	dtype: "float32",
	shape,
});

const graph = (rest: Partial<Graph>): Graph => ({
	name: "small",
	nodes: [],
	inputs: [],
	outputs: [],
	initializers: [],
	opset: 13,
	...rest,
});

/** Squeezes axis 1 where it has one element, as torch.onnx writes x.squeeze(1), and hands on a doubled copy. */
function squeezing(): Graph {
	const then = graph({
		nodes: [
			node("Squeeze", ["x", "axes"], ["y"]),
			node("Add", ["y", "y"], ["z"]),
		],
		initializers: [ints("axes", 1)],
		outputs: [tensor("y"), tensor("z")],
	});
	const otherwise = graph({
		nodes: [node("Identity", ["x"], ["y"]), node("Identity", ["x"], ["z"])],
		outputs: [tensor("y"), tensor("z")],
	});
	return graph({
		nodes: [
			node("Shape", ["x"], ["dims"]),
			node("Gather", ["dims", "index"], ["size"]),
			node("Equal", ["size", "one"], ["squeezes"]),
			node("If", ["squeezes"], ["a", "b"], {
				then_branch: then,
				else_branch: otherwise,
			}),
			node("Mul", ["a", "b"], ["out"]),
		],
		inputs: [tensor("x", ["n", "channels", 2, 2])],
		outputs: [tensor("out")],
		initializers: [ints("index", 1), ints("one", 1)],
	});
}

for (const channels of [1, 3])
	test(`the branch that ${channels} channels decide replaces the If, and gives the same numbers`, async () => {
		const whole = squeezing();
		const shape = [2, channels, 2, 2];
		const taken = takeBranches(whole, {
			name: "x",
			shape: ["n", ...shape.slice(1)],
		});
		assert.ok(taken.nodes.every(({ op }) => op !== "If"));
		const expected = channels === 1 ? [2, 2, 2] : shape;
		const inferred = inferShapes(taken, new Map([["x", shape]])).get("out");
		assert.deepEqual(inferred, expected);
		const photos = Float32Array.from({ length: 8 * channels }, (_, i) => i);
		const [a, b] = await Promise.all(
			[whole, taken].map((network) => outputOf(network, photos, shape)),
		);
		assert.deepEqual(b, a);
		assert.deepEqual(b?.dims, expected);
	});

test("an If whose condition depends on the batch, or on numbers, stays", () => {
	const whole = squeezing();
	const byBatch = {
		...whole,
		initializers: [ints("index", 0), ints("one", 1)],
	};
	const input = { name: "x", shape: ["n", 3, 2, 2] };
	assert.equal(takeBranches(byBatch, input), byBatch);
	const byNumbers = {
		...whole,
		nodes: whole.nodes.map((item) =>
			item.op === "Gather" ? { ...item, inputs: ["x", "index"] } : item,
		),
	};
	assert.equal(takeBranches(byNumbers, input), byNumbers);
});

test("a batch of one is freed in an opset that does not know Reshape's allowzero", async () => {
	const whole = graph({
		nodes: [node("Reshape", ["x", "wish"], ["out"])],
		inputs: [tensor("x", [1, 3, 2, 2])],
		outputs: [tensor("out", [1, 12])],
		initializers: [ints("wish", 1, 12)],
	});
	const freed = freeBatch(
		{ graph: whole, weights: new Map() },
		{ name: "x", shape: [1, 3, 2, 2] },
	);
	const photos = Float32Array.from({ length: 24 }, (_, i) => i);
	const { dims, data } = await outputOf(freed.graph, photos, [2, 3, 2, 2]);
	assert.deepEqual(dims, [2, 12]);
	assert.deepEqual(data, photos);
});

async function outputOf(
	network: Graph,
	photos: Float32Array,
	shape: readonly number[],
) {
	const session = await createSession(network, new Map(), {
		outputs: ["out"],
		intraOpThreads: 1,
	});
	const out = (await session.run(photos, shape)).get("out");
	await session.close();
	assert.ok(out);
	return { dims: [...out.dims], data: out.data };
}
