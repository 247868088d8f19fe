import assert from "node:assert/strict";
import test from "node:test";
import { resolveTensor } from "../../src/model/resolve.ts";
import { vgg } from "../../src/model/zoo/vgg.ts";

const graph = vgg(16, false, [96, 128]);

function tensor(name: string): string | undefined {
	const found = resolveTensor(graph, name);
	return found.ok ? found.tensor : undefined;
}

test("a layer's name means its last output, also where it has several nodes", () => {
	assert.equal(tensor("features.30"), "features.30");
	// 3 x 4 to 7 x 7 takes two products.
	assert.equal(
		graph.nodes.filter(({ layer }) => layer === "avgpool").length,
		2,
	);
	assert.equal(tensor("avgpool"), graph.nodes.at(-8)?.inputs[0]);
	assert.equal(tensor("avgpool.columns"), "avgpool.columns");
});

test("a module's name means the output of its last layer", () => {
	assert.equal(tensor("features"), "features.30");
	assert.equal(tensor("classifier"), "classifier.6");
});

test("logits means the network's output", () => {
	assert.equal(tensor("logits"), "classifier.6");
});

test("an unknown name comes back with the nearest one", () => {
	assert.deepEqual(resolveTensor(graph, "clasifier.5"), {
		ok: false,
		nearest: "classifier.5",
	});
	assert.deepEqual(resolveTensor(graph, ""), { ok: false, nearest: undefined });
});
