import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { RunError } from "../../src/diagnostic.ts";
import { createSession } from "../../src/engine/ort.ts";
import { readOnnx } from "../../src/model/onnx/read.ts";
import { writeOnnx } from "../../src/model/onnx/write.ts";
import type { Graph, Weights } from "../../src/model/types.ts";

/** Networks and their outputs by onnxruntime's Python package: golden/make_onnx.py. */
const FOLDER = join(import.meta.dirname, "golden/onnx");

interface Golden {
	readonly shape: readonly number[];
	readonly outputs: Readonly<Record<string, readonly number[]>>;
	readonly opset: number;
}

const golden = JSON.parse(
	await readFile(join(FOLDER, "golden.json"), "utf8"),
) as Record<string, Golden>;

async function outputsOf(
	graph: Graph,
	weights: Weights,
	shape: readonly number[],
): Promise<Record<string, Float32Array>> {
	const names = graph.outputs.map(({ name }) => name);
	const session = await createSession(graph, weights, {
		outputs: names,
		intraOpThreads: 1,
	});
	const size = shape.reduce((a, b) => a * b);
	const input = Float32Array.from({ length: size }, (_, i) => Math.sin(i));
	const outputs = await session.run(input, shape);
	await session.close();
	return Object.fromEntries(
		[...outputs].map(([name, { data }]) => [name, data]),
	);
}

for (const [name, expected] of Object.entries(golden)) {
	test(`${name}.onnx computes what onnxruntime's own reading of it computes`, async () => {
		const { graph, weights } = await readOnnx(join(FOLDER, `${name}.onnx`));
		assert.equal(graph.opset, expected.opset);
		const outputs = await outputsOf(graph, weights, expected.shape);
		// onnxruntime may keep more bits than half precision between two operators.
		const tolerance = name === "half" ? 1e-3 : 1e-5;
		for (const [output, values] of Object.entries(expected.outputs)) {
			const actual = outputs[output] ?? [];
			assert.equal(actual.length, values.length);
			values.forEach((value, index) => {
				const difference = Math.abs(value - (actual[index] ?? NaN));
				assert.ok(
					difference < tolerance * Math.max(1, Math.abs(value)),
					`${output}[${index}] is ${actual[index]}, not ${value}`,
				);
			});
		}
	});

	test(`${name}.onnx survives being written and read again, to the bit`, async () => {
		const first = await readOnnx(join(FOLDER, `${name}.onnx`));
		const bytes = writeOnnx(first.graph, first.weights);
		const second = await readOnnx(bytes);
		assert.deepEqual(withoutValues(second.graph), withoutValues(first.graph));
		assert.deepEqual(
			await outputsOf(second.graph, second.weights, expected.shape),
			await outputsOf(first.graph, first.weights, expected.shape),
		);
		assert.deepEqual(writeOnnx(second.graph, second.weights), bytes);
	});
}

/** Float constants of Constant nodes are not told from weights any more once written. */
function withoutValues(graph: Graph): Graph {
	return {
		...graph,
		initializers: graph.initializers.map(({ name, shape, dtype }) => ({
			name,
			shape,
			dtype,
		})),
	};
}

test("a network exported for one photo runs on three, one after another", async () => {
	const { graph, weights } = await readOnnx(join(FOLDER, "tiny22.onnx"));
	const all = await outputsOf(graph, weights, [3, 3, 16, 16]);
	const one = await outputsOf(graph, weights, [1, 3, 16, 16]);
	assert.equal(all.scores?.length, 15);
	assert.deepEqual(all.scores?.slice(0, 5), one.scores);
});

test("Constant nodes become initializers", async () => {
	const { graph, weights } = await readOnnx(join(FOLDER, "kinds.onnx"));
	assert.ok(graph.nodes.every(({ op }) => op !== "Constant"));
	assert.deepEqual(
		weights.get("c_ints")?.data,
		BigInt64Array.of(1n, 2n, 3n, 4n),
	);
});

test("an initializer that is also an input is no input", async () => {
	const { graph } = await readOnnx(join(FOLDER, "branches.onnx"));
	assert.deepEqual(
		graph.inputs.map(({ name }) => name),
		["x"],
	);
});

test("calls of the model's own functions are replaced by their bodies", async () => {
	const { graph } = await readOnnx(join(FOLDER, "functions.onnx"));
	assert.deepEqual(
		graph.nodes.map(({ name, attributes }) => [name, attributes.alpha]),
		[
			["first/relu", 0.5],
			["first/add", undefined],
			["second/relu", Math.fround(0.1)],
			["second/add", undefined],
		],
	);
});

async function refusal(name: string, bytes: Uint8Array): Promise<RunError> {
	const folder = await mkdtemp(join(tmpdir(), "graft-onnx-"));
	try {
		const path = join(folder, name);
		await writeFile(path, bytes);
		await readOnnx(path);
	} catch (error) {
		assert.ok(error instanceof RunError, String(error));
		assert.ok(error.message.includes(name), "the message names the file");
		assert.ok(error.fix, "and there is a fix");
		return error;
	} finally {
		await rm(folder, { recursive: true });
	}
	throw new Error("it was read");
}

test("what is no .onnx file is refused with what it seems to be", async () => {
	const text = (content: string) => new TextEncoder().encode(content);
	const cases: readonly (readonly [Uint8Array, RegExp])[] = [
		[new Uint8Array(), /empty/],
		[text("version https://git-lfs.github.com/spec/v1\n"), /Git LFS/],
		[text("PK\u0003\u0004archive/data.pkl"), /zip archive/],
		[text("<!DOCTYPE html><title>404</title>"), /HTML page/],
		[Uint8Array.from([0x08, 0x08]), /holds no network/],
		[new Uint8Array(100).fill(0xff), /no protobuf/],
	];
	for (const [bytes, message] of cases) {
		const error = await refusal("file.onnx", bytes);
		assert.equal(error.code, "onnx-unreadable");
		assert.match(error.message, message);
	}
});

test("a file cut off anywhere is refused", async () => {
	const whole = await readFile(join(FOLDER, "tiny17.onnx"));
	for (const share of [0.1, 0.5, 0.9, 0.999]) {
		const error = await refusal(
			"cut.onnx",
			whole.subarray(0, Math.floor(whole.length * share)),
		);
		assert.equal(error.code, "onnx-unreadable");
	}
});

test("missing external data are named", async () => {
	const whole = await readFile(join(FOLDER, "tiny22.onnx"));
	const error = await refusal("lonely.onnx", whole);
	assert.equal(error.code, "onnx-external-data");
	assert.match(error.message, /tiny22\.onnx\.data/);
});

test("external data outside of the model's folder are not opened", async () => {
	const whole = await readFile(join(FOLDER, "tiny22.onnx"));
	const outside = Buffer.from(
		whole.toString("latin1").replaceAll("tiny22.onnx.data", "../../etc/passwd"),
		"latin1",
	);
	const error = await refusal("sly.onnx", outside);
	assert.equal(error.code, "onnx-external-data");
	assert.match(error.message, /outside/);
});

test("a missing file is a sentence with a fix", async () => {
	await assert.rejects(readOnnx("/no/such/file.onnx"), (error: RunError) => {
		assert.equal(error.code, "onnx-unreadable");
		assert.match(error.fix ?? "", /path/);
		return true;
	});
});
