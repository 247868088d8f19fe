import assert from "node:assert/strict";
import test from "node:test";
import { openTfjs } from "../../src/engine/backend.ts";
import { compileGraph } from "../../src/engine/tfjs/compile.ts";
import { openParameters } from "../../src/engine/tfjs/parameters.ts";
import { scoped } from "../../src/engine/tfjs/scoped.ts";
import { unsupportedOps } from "../../src/engine/tfjs/supported.ts";
import type { Graph, Tensor } from "../../src/model/types.ts";
import { network } from "../../src/model/zoo/builder.ts";

function float32(shape: number[], value: (index: number) => number): Tensor {
	const length = shape.reduce((a, b) => a * b, 1);
	return {
		dtype: "float32",
		shape,
		data: Float32Array.from({ length }, (_, i) => value(i)),
	};
}

/** x → Linear "a" → Tanh → + x → Linear "b": two paths that meet. */
function residual(): Graph {
	const net = network("residual", ["n", 3]);
	const x = net.node("Tanh", "tanh", [net.linear(net.input, "a", 3, 3)]);
	return net.finish(net.linear(net.add(x, net.input, "add"), "b", 3, 2), 2);
}

const weights = new Map([
	["a.weight", float32([3, 3], (i) => Math.sin(i + 1))],
	["a.bias", float32([3], (i) => 0.1 * i)],
	["b.weight", float32([2, 3], (i) => Math.cos(i))],
	["b.bias", float32([2], () => 0)],
]);
const rows = float32([4, 3], (i) => Math.sin(3 * i)).data as Float32Array;
const training = { training: true, seed: 0, step: 0 };

/** Sum of the outputs, and its gradients by what learns. */
async function sumAndGradients(
	graph: Graph,
	values: ReadonlyMap<string, Tensor>,
	trainable: readonly string[],
) {
	const { tf } = await openTfjs();
	const parameters = openParameters(tf, [graph], values, trainable);
	const compiled = compileGraph(tf, graph, parameters);
	const result = scoped(tf, () => {
		const { output, backward } = compiled.forward(
			tf.tensor(rows, [4, 3]),
			training,
		);
		const gradients = backward(tf.ones(output.shape));
		return {
			sum: tf.sum(output).dataSync()[0],
			gradients: new Map(
				[...gradients].map(([name, g]) => [name, [...g.dataSync()]] as const),
			),
		};
	});
	parameters.dispose();
	return result;
}

test("gradients that meet along two paths agree with finite differences", async () => {
	const names = [...weights.keys()];
	const { gradients } = await sumAndGradients(residual(), weights, names);
	for (const name of names) {
		const { shape, data } = weights.get(name) as Tensor;
		for (let index = 0; index < data.length; index++) {
			const [high, low] = await Promise.all(
				[0.01, -0.01].map(async (change) => {
					const moved = Float32Array.from(data as Float32Array);
					moved[index] += change;
					const tensor: Tensor = { dtype: "float32", shape, data: moved };
					const values = new Map([...weights, [name, tensor]]);
					return (await sumAndGradients(residual(), values, names)).sum;
				}),
			);
			const expected = (high - low) / 0.02;
			const actual = gradients.get(name)?.[index] ?? Number.NaN;
			assert.ok(
				Math.abs(actual - expected) < 2e-3,
				`${name}[${index}]: ${actual} instead of ${expected}`,
			);
		}
	}
});

test("only what learns gets a gradient, and it does not depend on what else learns", async () => {
	const all = await sumAndGradients(residual(), weights, [...weights.keys()]);
	const some = await sumAndGradients(residual(), weights, ["a.bias"]);
	assert.deepEqual([...some.gradients.keys()], ["a.bias"]);
	assert.deepEqual(some.gradients.get("a.bias"), all.gradients.get("a.bias"));
});

test("Dropout drops a share p in training, by seed and step, and nothing in evaluation", async () => {
	const { tf } = await openTfjs();
	const net = network("dropout", ["n", 1000]);
	const graph = net.finish(net.dropout(net.input, "drop", 0.3), 1000);
	const parameters = openParameters(tf, [graph], new Map(), []);
	const { forward } = compileGraph(tf, graph, parameters);
	const run = (training: boolean, seed: number, step: number) =>
		scoped(tf, () => [
			...forward(tf.ones([2, 1000]), {
				training,
				seed,
				step,
			}).output.dataSync(),
		]);
	assert.ok(run(false, 0, 0).every((value) => value === 1));
	const first = run(true, 0, 0);
	const dropped = first.filter((value) => value === 0).length;
	assert.ok(dropped > 540 && dropped < 660, `${dropped} of 2000 dropped`);
	assert.ok(first.every((v) => v === 0 || v === Math.fround(1 / 0.7)));
	assert.deepEqual(run(true, 0, 0), first);
	assert.notDeepEqual(run(true, 1, 0), first);
	assert.notDeepEqual(run(true, 0, 1), first);
});

test("what cannot be trained is named with its node and the reason, in graph order", () => {
	const net = network("odd", ["n", 3, 8, 8]);
	let x = net.conv(net.input, "conv1", { in: 3, out: 4, kernel: 3 });
	x = net.node("Hardmax", "choice", [x]);
	x = net.node("Dropout", "drop", [x, net.node("Sigmoid", "p", [x])]);
	assert.deepEqual(unsupportedOps(net.finish(x, 4)), [
		{
			node: "choice",
			layer: "choice",
			op: "Hardmax",
			reason: "has no tfjs function with a gradient yet",
		},
		{
			node: "drop",
			layer: "drop",
			op: "Dropout",
			reason:
				'takes input 1 ("p") from a computation; only a constant is supported',
		},
	]);
	assert.deepEqual(unsupportedOps(residual()), []);
});

test("a frozen value cannot be assigned", async () => {
	const { tf } = await openTfjs();
	const parameters = openParameters(tf, [residual()], weights, ["b.bias"]);
	assert.throws(
		() => parameters.assign("a.bias", tf.scalar(0)),
		/internal: "a\.bias" is frozen/,
	);
	parameters.dispose();
});
