import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { createSession } from "../../src/engine/ort.ts";
import { sizeOf } from "../../src/model/dtypes.ts";
import { inferShapes } from "../../src/model/shapes.ts";
import type { Tensor } from "../../src/model/types.ts";
import { zooEntry } from "../../src/model/zoo/zoo.ts";
import { value } from "./formula.ts";

interface Golden {
	readonly state_dict: Readonly<
		Record<string, readonly (readonly [string, readonly number[]])[]>
	>;
	readonly features: readonly {
		readonly network: string;
		readonly size: readonly [number, number];
		readonly length: number;
		readonly norm: number;
		readonly every100: readonly number[];
	}[];
}

/** By torchvision: golden/make_vgg.py. */
const golden = JSON.parse(
	await readFile(join(import.meta.dirname, "golden/vgg.json"), "utf8"),
) as Golden;

function build(name: string, size: readonly [number, number]) {
	const entry = zooEntry(name);
	assert.ok(entry, name);
	return entry.build(size);
}

for (const [name, state] of Object.entries(golden.state_dict))
	test(`${name} has torchvision's parameters by name and shape`, () => {
		const graph = build(name, [224, 224]);
		const own = graph.initializers
			.filter(({ values }) => !values)
			.map(({ name, shape }) => [name, shape]);
		assert.deepEqual(own, state);
	});

for (const { network, size, length, norm, every100 } of golden.features)
	test(`${network} on ${size.join(" x ")} pixels gives torchvision's features`, async () => {
		const graph = build(network, size);
		const weights = new Map<string, Tensor>();
		golden.state_dict[network]?.forEach(([name, shape], number) => {
			if (name.startsWith("features"))
				weights.set(name, value(name, shape, number));
		});
		const session = await createSession(graph, weights, {
			outputs: ["flatten"],
			intraOpThreads: 2,
		});
		const dims = [1, 3, ...size];
		const input = Float32Array.from({ length: sizeOf(dims) }, (_, i) =>
			Math.sin(i),
		);
		const features = (await session.run(input, dims)).get("flatten")?.data;
		await session.close();
		assert.equal(features?.length, length);
		const largest = Math.max(...every100.map(Math.abs));
		every100.forEach((expected, index) => {
			const actual = features?.[100 * index] ?? NaN;
			assert.ok(Math.abs(actual - expected) < 1e-4 * largest);
		});
		const own = Math.hypot(...(features ?? []));
		assert.ok(Math.abs(own / norm - 1) < 1e-5);
	});

test("VGG16's layers have torchvision's names, dropout and shapes", () => {
	const graph = build("vgg16", [224, 224]);
	const tail = graph.nodes.slice(-10).map(({ layer, op }) => `${layer} ${op}`);
	assert.deepEqual(tail, [
		"features.30 MaxPool",
		"avgpool Identity",
		"flatten Flatten",
		"classifier.0 Gemm",
		"classifier.1 Relu",
		"classifier.2 Dropout",
		"classifier.3 Gemm",
		"classifier.4 Relu",
		"classifier.5 Dropout",
		"classifier.6 Gemm",
	]);
	const shapes = inferShapes(graph, new Map([["input", [1, 3, 224, 224]]]));
	assert.deepEqual(shapes.get("features.30"), [1, 512, 7, 7]);
	assert.deepEqual(shapes.get("classifier.6"), [1, 1000]);
});
