import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { RunError } from "../../src/diagnostic.ts";
import { createSession } from "../../src/engine/ort.ts";
import { unsupportedOps } from "../../src/engine/tfjs/supported.ts";
import { cutPoints } from "../../src/model/cuts.ts";
import { subgraph } from "../../src/model/edit.ts";
import { layersOf, parametersOf, producers } from "../../src/model/graph.ts";
import { initialWeights } from "../../src/model/init.ts";
import { replaceLayer } from "../../src/model/replace.ts";
import { resolveTensor } from "../../src/model/resolve.ts";
import { flops, photoShapes } from "../../src/model/shapes.ts";
import type { Graph } from "../../src/model/types.ts";
import { PUBLISHED } from "../../src/model/zoo/published.gen.ts";
import {
	publishedWeights,
	zooEntry,
	zooNames,
} from "../../src/model/zoo/zoo.ts";
import { applyFreeze } from "../../src/plan/freeze.ts";
import { parameters, photo, weightsOf } from "./formula.ts";

/** By torchvision: golden/make_zoo.py. test/oracle/zoo.test.ts compares every network with torchvision itself. */
const golden = JSON.parse(
	await readFile(join(import.meta.dirname, "golden/zoo.json"), "utf8"),
) as {
	readonly state_dict: Readonly<
		Record<string, { readonly count: number; readonly sha256: string }>
	>;
	readonly logits: readonly {
		readonly network: string;
		readonly size: readonly [number, number];
		readonly norm: number;
		readonly every50: readonly number[];
	}[];
};

const fromTorchvision = Object.keys(PUBLISHED);

function entryOf(name: string) {
	const entry = zooEntry(name);
	assert.ok(entry, name);
	return entry;
}

const build = (name: string, size?: readonly [number, number]) =>
	entryOf(name).build(size ?? entryOf(name).preprocess.size);

test("the zoo has every network that torchvision's table has, and one of its own", () => {
	assert.equal(fromTorchvision.length, 32);
	assert.deepEqual(
		zooNames(),
		[...fromTorchvision, "efficientnet_lite0"].sort(),
	);
});

for (const name of fromTorchvision)
	test(`${name}: parameters, FLOPs and shapes are torchvision's`, () => {
		const graph = build(name);
		const own = parameters(graph);
		const { count, sha256 } = golden.state_dict[name] ?? {};
		assert.equal(own.length, count);
		const digest = createHash("sha256")
			.update(JSON.stringify(own))
			.digest("hex");
		assert.equal(digest, sha256);

		const entry = entryOf(name);
		const [{ crop }] = publishedWeights(name);
		const learnt = parametersOf(graph).reduce(
			(sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
			0,
		);
		assert.equal(learnt, entry.parameters);
		const shapes = photoShapes(graph, [3, crop, crop]);
		const total = graph.nodes.reduce(
			(sum, node) => sum + flops(node, shapes),
			0,
		);
		const published = 2e9 * entry.gmacs;
		assert.ok(
			Math.abs(total - published) < 0.01 * published,
			`${total / 2e9} against ${entry.gmacs}`,
		);
		for (const size of [crop, 96, 160] as const) {
			const other = build(name, [size, size]);
			const known = photoShapes(other, [3, size, size]);
			assert.deepEqual(known.get(other.outputs[0]?.name ?? ""), [1, 1000]);
			for (const node of other.nodes)
				assert.ok(known.get(node.outputs[0] ?? ""), node.name);
		}
	});

for (const name of zooNames())
	test(`${name}: its features enter its classifier, by name`, () => {
		const { features, classifier, numClasses } = entryOf(name);
		const graph = build(name);
		const producer = producers(graph);
		let node = graph.nodes.find(({ layer }) => layer === classifier);
		assert.deepEqual(
			graph.initializers.find(({ name }) => name === `${classifier}.bias`)
				?.shape,
			[numClasses],
		);
		// At most a Dropout lies between.
		const before = producer.get(node?.inputs[0] ?? "");
		if (before?.op === "Dropout" && before.name !== features) node = before;
		assert.equal(node?.inputs[0], features);
		assert.ok(cutPoints(graph).includes(features));

		const names = graph.initializers
			.filter(({ values }) => !values)
			.map(({ name }) => name);
		const { init, parameters } = entryOf(name);
		if (parameters < 1.5e7) {
			const weights = initialWeights(graph, names, 0, init);
			for (const { data } of weights.values())
				assert.ok((data as Float32Array).every(Number.isFinite));
		}
	});

for (const { network, size, norm, every50 } of golden.logits)
	test(`${network} on ${size.join(" x ")} pixels gives torchvision's logits`, async () => {
		const graph = build(network, size);
		const output = graph.outputs[0]?.name ?? "";
		const session = await createSession(graph, weightsOf(graph), {
			outputs: [output],
			intraOpThreads: 1,
		});
		const dims = [1, 3, ...size];
		const logits = (await session.run(photo(dims), dims)).get(output)?.data;
		await session.close();
		const largest = Math.max(...every50.map(Math.abs));
		every50.forEach((expected, index) => {
			const actual = logits?.[50 * index] ?? Number.NaN;
			assert.ok(Math.abs(actual - expected) < 1e-4 * largest);
		});
		assert.ok(Math.abs(Math.hypot(...(logits ?? [])) / norm - 1) < 1e-5);
	});

test("freezing by module: layer1 to layer3 of a ResNet stay, layer4 and fc learn", () => {
	const globs = ["conv1", "bn1", "layer1.*", "layer2.*", "layer3.*"];
	const { trainable, unknown } = applyFreeze(
		build("resnet18"),
		globs,
		new Set(),
	);
	assert.deepEqual(unknown, []);
	assert.ok(trainable.every((name) => /^(layer4|fc)\./.test(name)));
	assert.ok(trainable.includes("layer4.0.downsample.1.bias"));
});

test("what a Vision Transformer learns outside its layers is frozen by its own name", () => {
	const graph = build("vit_b_32");
	const { trainable } = applyFreeze(
		graph,
		["class_token", "encoder.pos_embedding", "encoder.layers.encoder_layer_0"],
		new Set(),
	);
	assert.ok(
		!trainable.some((name) => /token|pos_|layer_0\./.test(name)),
		trainable.join(),
	);
	assert.ok(
		trainable.includes(
			"encoder.layers.encoder_layer_1.self_attention.in_proj_weight",
		),
	);
});

for (const [name, layer] of [
	["resnet18", "fc"],
	["mobilenet_v2", "classifier.1"],
	["densenet121", "classifier"],
	["convnext_tiny", "classifier.2"],
	["vit_b_16", "heads.head"],
	["swin_t", "head"],
] as const)
	test(`${layer} of ${name} is replaced by a Linear with two outputs`, () => {
		const graph = build(name);
		const shapes = photoShapes(graph, [3, 224, 224]);
		const spec = { Linear: { out_features: 2, bias: true } };
		const edit = replaceLayer(graph, layer, spec, shapes);
		assert.ok(edit.ok);
		assert.deepEqual(edit.value.added, [`${layer}.weight`, `${layer}.bias`]);
		const after = photoShapes(edit.value.graph, [3, 224, 224]);
		assert.deepEqual(after.get(edit.value.output), [1, 2]);
	});

test("a module's name means what leaves the module", () => {
	const outputs = (name: string, places: readonly string[]) =>
		places.map((place) => {
			const found = resolveTensor(build(name), place);
			return found.ok ? found.tensor : undefined;
		});
	assert.deepEqual(outputs("resnet50", ["layer1", "layer2.0.downsample"]), [
		"layer1.2.relu_2",
		"layer2.0.downsample.1",
	]);
	assert.deepEqual(outputs("mobilenet_v2", ["features", "features.3"]), [
		"features.18.2",
		"features.3.add",
	]);
	assert.deepEqual(
		outputs("vit_b_16", [
			"class_token",
			"encoder.layers.encoder_layer_3",
			"encoder.layers.encoder_layer_3.self_attention",
			"encoder",
		]),
		[
			"class_token.cat",
			"encoder.layers.encoder_layer_3.add_1",
			"encoder.layers.encoder_layer_3.self_attention",
			"encoder.ln",
		],
	);
});

test("residual networks are cut between blocks, not within", () => {
	const layersAt = (graph: Graph) => {
		const producer = producers(graph);
		return cutPoints(graph).map((at) => producer.get(at)?.layer ?? at);
	};
	assert.deepEqual(
		layersAt(build("resnet18")).filter((layer) => layer.startsWith("layer1.")),
		["layer1.0.add", "layer1.0.relu_1", "layer1.1.add", "layer1.1.relu_1"],
	);
	const vit = layersAt(build("vit_b_32"));
	for (let index = 0; index < 12; index++)
		assert.ok(vit.includes(`encoder.layers.encoder_layer_${index}.add_1`));
	assert.ok(!vit.some((layer) => layer.includes("self_attention")));
	const dense = layersAt(build("densenet121"));
	assert.ok(dense.includes("features.denseblock3.denselayer7.cat"));
});

test("a Vision Transformer takes photos of whole patches only", () => {
	assert.throws(
		() => build("vit_b_16", [224, 230]),
		(error: unknown) =>
			error instanceof RunError &&
			error.code === "input-size" &&
			/multiples of 16, not 224 x 230/.test(error.message),
	);
});

test("operators that training does not cover are named with their layers", () => {
	const graph = build("swin_t");
	const suffix = subgraph(graph, ["features.7.0.add_1"], ["head"]);
	assert.ok(suffix.ok);
	const ops = unsupportedOps(suffix.value);
	for (const { layer } of ops) assert.ok(layersOf(graph).includes(layer));
	const head = subgraph(graph, ["flatten"], ["head"]);
	assert.ok(head.ok);
	assert.deepEqual(unsupportedOps(head.value), []);
});
