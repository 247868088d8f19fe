import assert from "node:assert/strict";
import test from "node:test";
import { openTfjs } from "../../src/engine/backend.ts";
import { compileGraph } from "../../src/engine/tfjs/compile.ts";
import { OPERATORS } from "../../src/engine/tfjs/operators.ts";
import { openParameters } from "../../src/engine/tfjs/parameters.ts";
import { scoped } from "../../src/engine/tfjs/scoped.ts";
import { SUPPORTED_OPS } from "../../src/engine/tfjs/supported.ts";
import type { Graph, Initializer, Tensor } from "../../src/model/types.ts";
import { backendsHere, nativeMissing } from "./backends.ts";
import {
	type GoldenCase as Case,
	goldenCases,
	type Plain,
} from "./golden-cases.ts";

const cases = goldenCases;

/** The node alone; its computed inputs are made trainable initializers, so that all of them get a gradient. */
function graphOf(item: Case): { graph: Graph; names: string[] } {
	const initializers: Initializer[] = [];
	const inputs: string[] = [];
	const names: string[] = [];
	let given = 0;
	const last = Math.max(
		item.inputs.length + Object.keys(item.constants).length - 1,
		...Object.keys(item.constants).map(Number),
	);
	for (let index = 0; index <= last; index++) {
		const constant = item.constants[index];
		const name = `input${index}`;
		if (constant) initializers.push({ name, ...constant });
		else if (given < item.inputs.length) {
			const { shape } = item.inputs[given++];
			initializers.push({ name, shape, dtype: "float32" });
			names.push(name);
		} else {
			inputs.push("");
			continue;
		}
		inputs.push(name);
	}
	const node = {
		name: "node",
		op: item.op,
		domain: "",
		inputs,
		outputs: ["y"],
		attributes: item.attributes,
		layer: "node",
	};
	const info = (name: string) => ({
		name,
		dtype: "float32" as const,
		shape: undefined,
	});
	return {
		graph: {
			name: item.op,
			nodes: [node],
			inputs: [info("unused")],
			outputs: [info("y")],
			initializers,
			opset: item.opset,
		},
		names,
	};
}

function assertClose(actual: Plain, expected: Plain, what: string): void {
	assert.deepEqual(actual.shape, expected.shape, `${what}: shape`);
	const largest = Math.max(...expected.data.map(Math.abs), 1e-3);
	expected.data.forEach((value, index) => {
		const off = Math.abs(value - actual.data[index]);
		assert.ok(
			off <= 2e-6 * largest,
			`${what}[${index}]: ${actual.data[index]} instead of ${value}`,
		);
	});
}

test("native TensorFlow is held to the same goldens", {
	skip: nativeMissing,
}, () => {
	assert.ok(backendsHere().includes("node"));
});

for (const backend of backendsHere()) {
	cases.forEach((item, number) => {
		const shapes = item.inputs.map(({ shape }) => `[${shape}]`).join(" ");
		test(`${backend}: ${item.op} ${number} of ${shapes} and its gradients equal PyTorch's`, async () => {
			const { tf } = await openTfjs(backend);
			const { graph, names } = graphOf(item);
			const weights = new Map(
				names.map((name, index): [string, Tensor] => {
					const { shape, data } = item.inputs[index];
					return [
						name,
						{ dtype: "float32", shape, data: Float32Array.from(data) },
					];
				}),
			);
			const before = tf.memory().numTensors;
			const learning = names.filter((_, index) => item.gradients[index]);
			const parameters = openParameters(tf, [graph], weights, learning);
			const compiled = compileGraph(tf, graph, parameters);
			scoped(tf, () => {
				const { output, backward } = compiled.forward(tf.scalar(0), {
					training: true,
					seed: 0,
					step: 0,
				});
				const plain = (tensor: typeof output): Plain => ({
					shape: tensor.shape,
					data: [...(tensor.dataSync() as Float32Array)],
				});
				assertClose(plain(output), item.output, "output");
				const { shape, data } = item.upstream;
				const gradients = backward(tf.tensor(data, shape, "float32"));
				names.forEach((name, index) => {
					const expected = item.gradients[index];
					const gradient = gradients.get(name);
					if (!expected) return;
					assert.ok(gradient, `no gradient by ${name}`);
					const own = parameters.restored(name, gradient);
					assertClose(plain(own), expected, `by ${name}`);
				});
			});
			parameters.dispose();
			assert.equal(tf.memory().numTensors, before, "tensors left behind");
		});
	});
}

test("every supported operator has a function, and every function but Dropout a golden", () => {
	assert.deepEqual(Object.keys(OPERATORS).sort(), [...SUPPORTED_OPS].sort());
	const covered = new Set(cases.map(({ op }) => op));
	assert.deepEqual(
		SUPPORTED_OPS.filter((op) => !covered.has(op)),
		["Dropout"],
	);
});
