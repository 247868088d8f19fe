import assert from "node:assert/strict";
import test from "node:test";
import { createSession } from "../../src/engine/ort.ts";
import { classToken } from "../../src/model/class-token.ts";
import { subgraph } from "../../src/model/edit.ts";
import { photoShapes } from "../../src/model/shapes.ts";
import type { Graph } from "../../src/model/types.ts";
import { zooEntry } from "../../src/model/zoo/zoo.ts";
import { prepare } from "../../src/prepare.ts";
import { experimentIn, folderFor, tuxpaint } from "../support/graft.ts";
import { photo, weightsOf } from "./formula.ts";

const TOKENS = "encoder.layers.encoder_layer_0.add_1";

test("the class token is the first of the tokens, a vector is left as it is, and a map has none", async () => {
	const graph = zooEntry("vit_b_32")?.build([64, 32]) as Graph;
	const shape = photoShapes(graph, [3, 64, 32]).get(TOKENS)?.slice(1) ?? [];
	assert.deepEqual(shape, [3, 768]);
	const own = classToken(graph, TOKENS, shape);
	assert.ok(own);
	assert.deepEqual(own.shape, [768]);
	const part = subgraph(own.graph, ["input"], [TOKENS, own.tensor]);
	assert.ok(part.ok);
	const dims = [2, 3, 64, 32];
	const session = await createSession(part.value, weightsOf(part.value), {
		outputs: [TOKENS, own.tensor],
		intraOpThreads: 1,
	});
	const found = await session.run(photo(dims), dims);
	await session.close();
	const tokens = found.get(TOKENS)?.data ?? [];
	const firsts = [0, 1].flatMap((row) => [
		...tokens.slice(row * 3 * 768, row * 3 * 768 + 768),
	]);
	assert.deepEqual([...(found.get(own.tensor)?.data ?? [])], firsts);

	assert.deepEqual(classToken(graph, "cls", [768]), {
		graph,
		tensor: "cls",
		shape: [768],
	});
	assert.equal(classToken(graph, "conv_proj", [768, 2, 1]), undefined);
});

async function prepared(
	context: { after: (done: () => void) => void },
	model: string,
) {
	const folder = folderFor(context as never);
	const file = experimentIn(
		folder,
		`
data: { root: ${JSON.stringify(tuxpaint)} }
transforms: [Resize: { size: [224, 224] }, ToTensor, Normalize]
model: { ${model}, weights: none, freeze: all, head: linear, global_pool: cls }
train: { loss: cross_entropy, optimizer: sgd, learning_rate: 0.1, epochs: 1 }
`,
	);
	return prepare(file, {
		sets: [],
		cacheFolder: folder,
		hash: false,
		missing: "warning",
	});
}

test("global_pool: cls plans a head on the class token of named tokens", async (context) => {
	const found = await prepared(
		context,
		"backbone: vit_b_32, features: encoder.layers.encoder_layer_0",
	);
	assert.ok(found.ok, JSON.stringify(found));
	const { featureShape } = found.value.plan.train;
	assert.deepEqual(featureShape, [768]);
});

test("global_pool: cls where the features are a map is refused with their shape and what to do", async (context) => {
	const found = await prepared(context, "backbone: resnet18, features: layer2");
	assert.ok(!found.ok);
	const [problem] = found.diagnostics.filter(
		({ severity }) => severity === "error",
	);
	assert.equal(problem?.code, "features-shape");
	assert.match(
		problem?.message ?? "",
		/"layer2.*" of shape \[n, 128, 28, 28\] has no class token/,
	);
	assert.match(problem?.fix ?? "", /global_pool: avg/);
});
