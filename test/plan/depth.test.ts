import assert from "node:assert/strict";
import test from "node:test";
import { planInput } from "../../src/cli/plan-input.ts";
import { depthPlaces, placeAtDepth } from "../../src/model/depth.ts";
import { photoShapes } from "../../src/model/shapes.ts";
import type { Graph, GraphNode } from "../../src/model/types.ts";
import { zooEntry, zooNames } from "../../src/model/zoo/zoo.ts";
import { planJson } from "../../src/plan/json.ts";
import { printPlan } from "../../src/plan/print.ts";
import { prepare } from "../../src/prepare.ts";
import { experimentIn, folderFor, tuxpaint } from "../support/graft.ts";

const model = (features: string, more = "") =>
	`data: { root: ${JSON.stringify(tuxpaint)} }
model: { backbone: efficientnet_lite0, features: ${features}, head: svm ${more} }
`;

async function planOf(folder: string, text: string) {
	const prepared = await prepare(experimentIn(folder, text), {
		sets: [],
		cacheFolder: folder,
		hash: true,
		missing: "warning",
	});
	assert.ok(prepared.ok, JSON.stringify(prepared.ok || prepared.diagnostics));
	return prepared;
}

test("every network of the zoo has places from its first layers to its own features, ascending", () => {
	for (const name of zooNames()) {
		const entry = zooEntry(name);
		assert.ok(entry);
		const graph = entry.build([224, 224]);
		const shapes = photoShapes(graph, [3, 224, 224]);
		const places = depthPlaces(graph, entry.features, shapes);
		assert.equal(places.at(-1)?.tensor, entry.features, name);
		assert.equal(places.at(-1)?.depth, 1, name);
		const shares = places.map(({ depth }) => depth);
		assert.deepEqual(
			shares,
			[...new Set(shares)].sort((a, b) => a - b),
			name,
		);
		assert.ok((shares[0] ?? 1) < 0.3, name);
		for (const share of [0.25, 0.5, 0.75]) {
			const near = placeAtDepth(places, share)?.depth ?? 0;
			assert.ok(Math.abs(near - share) < 0.16, `${name} ${share}: ${near}`);
		}
	}
});

test("half of VGG16's multiply-adds are done after features.13, the ReLU behind its convolution among them", () => {
	const graph = zooEntry("vgg16")?.build([224, 224]);
	assert.ok(graph);
	const places = depthPlaces(
		graph,
		"classifier.5",
		photoShapes(graph, [3, 224, 224]),
	);
	// 15.47 G multiply-adds are the network's; up to the seventh convolution (features.14) 7.54 G, as torchvision's sizes say.
	const { layer, depth } = placeAtDepth(places, 0.5) ?? {};
	assert.equal(layer, "features.13");
	assert.ok(Math.abs((depth ?? 0) - 7.4 / 15.47) < 0.01, String(depth));
	assert.ok(places.every(({ layer }) => layer !== "classifier.2"));
});

test("a depth plans and fingerprints as the layer that it means", async (context) => {
	const folder = folderFor(context);
	const byDepth = await planOf(folder, model("{ depth: 0.6 }"));
	const byName = await planOf(folder, model("_blocks.10._add"));
	const nearby = await planOf(folder, model("{ depth: 0.61 }"));
	const { fingerprint } = byName.value.plan;
	assert.ok(fingerprint);
	assert.equal(byDepth.value.plan.fingerprint, fingerprint);
	assert.equal(nearby.value.plan.fingerprint, fingerprint);
	const other = await planOf(folder, model("{ depth: 0.3 }"));
	assert.notEqual(other.value.plan.fingerprint, fingerprint);
	const whole = await planOf(folder, model("{ depth: 1 }"));
	const own = await planOf(folder, model("_flatten"));
	assert.equal(whole.value.plan.fingerprint, own.value.plan.fingerprint);
});

test("the plan names the layer of a depth, in words and in JSON, also in a list with names", async (context) => {
	const folder = folderFor(context);
	const { value } = await planOf(folder, model("[{ depth: 0.6 }, _flatten]"));
	const input = planInput("a.yaml", value, folder, false);
	assert.match(
		printPlan(input),
		/^head at {5}_blocks\.10\._add at depth 0\.63 of the network, _flatten$/m,
	);
	const { features } = planJson(input);
	assert.deepEqual(
		features?.map(({ layer, tensor }) => [layer, tensor]),
		[
			["_blocks.10._add", "_blocks.10._add"],
			["_flatten", "_flatten"],
		],
	);
	assert.equal(features?.[0]?.depth?.toFixed(2), "0.63");
	assert.equal(value.plan.train.featureShape.length, 1);
});

test("a strategy is in the plan, in words and in JSON, and changes no fingerprint", async (context) => {
	const folder = folderFor(context);
	const data = `data: { root: ${JSON.stringify(tuxpaint)} }`;
	const { value } = await planOf(folder, `strategy: linear_probe\n${data}\n`);
	const input = planInput("a.yaml", value, folder, false);
	assert.match(
		printPlan(input),
		/^strategy {4}linear_probe gives model\.backbone efficientnet_lite0, model\.freeze all, model\.head logistic$/m,
	);
	assert.deepEqual(planJson(input).strategy, {
		name: "linear_probe",
		gives: {
			"model.backbone": "efficientnet_lite0",
			"model.freeze": "all",
			"model.head": "logistic",
		},
	});
	const plain = await planOf(
		folder,
		`${data}\nmodel: { backbone: efficientnet_lite0, head: logistic }\n`,
	);
	assert.equal(plain.value.plan.fingerprint, value.plan.fingerprint);
	assert.equal(
		planJson(planInput("a", plain.value, folder, false)).strategy,
		undefined,
	);
});

/** x → two branches that meet at the end alone. */
function forked(): Graph {
	const node = (name: string, op: string, inputs: string[]): GraphNode => ({
		...{ name, op, domain: "", inputs, outputs: [name], attributes: {} },
		layer: name,
	});
	const weight = (name: string) =>
		({ name, shape: [4, 3, 1, 1], dtype: "float32" }) as const;
	return {
		name: "forked",
		nodes: [
			node("left", "Conv", ["x", "a"]),
			node("right", "Conv", ["x", "b"]),
			node("sum", "Add", ["left", "right"]),
		],
		inputs: [{ name: "x", dtype: "float32", shape: ["n", 3, 8, 8] }],
		outputs: [{ name: "sum", dtype: "float32", shape: ["n", 4, 8, 8] }],
		initializers: [weight("a"), weight("b")],
		opset: 17,
	};
}

test("inside branches there is no place", () => {
	const graph = forked();
	const shapes = photoShapes(graph, [3, 8, 8]);
	assert.deepEqual(depthPlaces(graph, "sum", shapes), [
		{ tensor: "sum", layer: "sum", depth: 1 },
	]);
	const empty = { ...graph, nodes: graph.nodes.slice(2) };
	assert.deepEqual(depthPlaces(empty, "sum", shapes), []);
});

test("a depth that the network has no place near to is said, with the places that it has", async (context) => {
	const folder = folderFor(context);
	const text = model("{ depth: 0.5 }").replace(
		"backbone: efficientnet_lite0",
		"backbone: alexnet, weights: none",
	);
	const near = await planOf(folder, text);
	assert.deepEqual(
		near.warnings.map(({ code }) => code).filter((code) => /depth/.test(code)),
		[],
	);
	const far = await planOf(folder, text.replace("0.5", "0.25"));
	const [warning] = far.warnings.filter(({ code }) => /depth/.test(code));
	assert.match(warning?.message ?? "", /depth 0\.25 of alexnet is taken at/);
	assert.match(warning?.reason ?? "", /features\.2 0\.1/);
});
