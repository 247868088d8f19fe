import assert from "node:assert/strict";
import test from "node:test";
import { seenMap } from "../../src/model/seen-map.ts";
import type { Graph, GraphNode } from "../../src/model/types.ts";
import { zooEntry, zooNames } from "../../src/model/zoo/zoo.ts";

/** Which map Grad-CAM looks at. */

/** Family → layer and grid at the photos that its weights want; the last map before the pool, in front of it no class token. */
const EXPECTED: readonly [RegExp, string][] = [
	[/^alexnet/, "features.11 13 x 13"],
	[/^convnext/, "features.7.2.add 7 x 7"],
	[/^densenet/, "relu 7 x 7"],
	[/^efficientnet_b0/, "features.8.2 7 x 7"],
	[/^efficientnet_lite0/, "_head_relu 7 x 7"],
	[/^mobilenet_v2/, "features.18.2 7 x 7"],
	[/^mobilenet_v3_small/, "features.12.2 7 x 7"],
	[/^resnet18/, "layer4.1.relu_1 7 x 7"],
	[/^resnet50/, "layer4.2.relu_2 7 x 7"],
	[/^shufflenet/, "conv5.2 7 x 7"],
	[/^squeezenet/, "classifier.2 13 x 13"],
	[/^swin/, "permute 7 x 7"],
	[/^vgg16$/, "features.29 14 x 14"],
	[/^vit_b_16/, "encoder.layers.encoder_layer_10.add_1 14 x 14"],
	[/^vit_b_32/, "encoder.layers.encoder_layer_10.add_1 7 x 7"],
];

const zooGraph = (name: string, side: number) =>
	zooEntry(name)?.build([side, side]) as Graph;

test("every network of the zoo has a map of several places at its own photos", () => {
	const found = zooNames().map((name) => {
		const [height, width] = zooEntry(name)?.preprocess.size ?? [224, 224];
		const graph = zooEntry(name)?.build([height, width]) as Graph;
		const seen = seenMap(graph, [3, height, width]);
		assert.ok(typeof seen !== "string", `${name}: ${seen}`);
		assert.ok(Math.min(...seen.grid) > 1, name);
		assert.equal(seen.skip, name.startsWith("vit") ? 1 : 0, name);
		return [name, `${seen.layer} ${seen.grid.join(" x ")}`] as const;
	});
	for (const [family, text] of EXPECTED) {
		const [own] = found.filter(([name]) => family.test(name));
		assert.equal(own?.[1], text);
	}
});

test("of photos so small that no place is left one sentence says so", () => {
	for (const name of ["efficientnet_lite0", "resnet18", "mobilenet_v2"]) {
		const seen = seenMap(zooGraph(name, 32), [3, 32, 32]);
		assert.match(String(seen), /^the network's maps are 1 x 1 from \S+ on/);
	}
	// It pools what its last convolution still had places for.
	const vgg = seenMap(zooGraph("vgg16", 32), [3, 32, 32]);
	assert.ok(typeof vgg !== "string");
	assert.deepEqual(vgg.grid, [2, 2]);
});

test("the scores are those before a softmax at the end, and channels may come last", () => {
	const node = (
		name: string,
		op: string,
		input: string,
		attributes: GraphNode["attributes"] = {},
	): GraphNode => ({
		...{ name, op, domain: "", layer: name, attributes },
		...{ inputs: [input], outputs: [name] },
	});
	const graph: Graph = {
		name: "last",
		opset: 17,
		inputs: [{ name: "x", dtype: "float32", shape: ["n", 3, 8, 8] }],
		outputs: [{ name: "said", dtype: "float32", shape: ["n", 3] }],
		initializers: [],
		nodes: [
			node("turned", "Transpose", "x", { perm: [0, 2, 3, 1] }),
			node("lit", "Relu", "turned"),
			node("mean", "ReduceMean", "lit", { axes: [1, 2], keepdims: 0 }),
			node("said", "LogSoftmax", "mean", { axis: 1 }),
		],
	};
	const seen = seenMap(graph, [3, 8, 8]);
	assert.deepEqual(seen, {
		...{ tensor: "lit", layer: "lit", order: "hwc", grid: [8, 8] },
		...{ skip: 0, scores: "mean" },
	});
});

test("a network without a map is told apart", () => {
	const graph: Graph = {
		name: "flat",
		opset: 17,
		inputs: [{ name: "x", dtype: "float32", shape: ["n", 3, 8, 8] }],
		outputs: [{ name: "flat", dtype: "float32", shape: ["n", 192] }],
		initializers: [],
		nodes: [
			{
				...{ name: "flat", op: "Flatten", domain: "", layer: "flat" },
				...{ inputs: ["x"], outputs: ["flat"], attributes: { axis: 1 } },
			},
		],
	};
	assert.match(String(seenMap(graph, [3, 8, 8])), /^no tensor/);
});
