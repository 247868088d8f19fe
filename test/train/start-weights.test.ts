import assert from "node:assert/strict";
import test from "node:test";
import type { Tensor } from "../../src/model/types.ts";
import { prepare } from "../../src/prepare.ts";
import { startWeights } from "../../src/train/start-weights.ts";
import { experimentIn, folderFor, tuxpaint } from "../support/graft.ts";

test("a NaN among the weights that training starts from is told by the layer's name, before the first step", async (t) => {
	const folder = folderFor(t);
	const file = experimentIn(
		folder,
		`name: damaged
data: { root: ${tuxpaint} }
transforms: [Resize: { size: [64, 64] }, ToTensor, Normalize]
model: { backbone: resnet18, weights: none, freeze: { until: layer3 } }
train: { epochs: 1 }
`,
	);
	const prepared = await prepare(file, {
		...{ sets: [], cacheFolder: folder, hash: true, missing: "error" },
	});
	assert.ok(prepared.ok, JSON.stringify(prepared));
	const { plan, backbone } = prepared.value;
	const weights = new Map(await backbone.loadWeights());
	const read = () => startWeights(plan, 0, async () => weights);
	await read();
	const damage = (name: string) => {
		const tensor = weights.get(name) as Tensor;
		const data = Float32Array.from(tensor.data as Float32Array);
		data[7] = Number.NaN;
		weights.set(name, { ...tensor, data });
	};
	// Before the cut nothing starts from it: its features are looked at instead.
	damage("conv1.weight");
	await read();
	damage("layer4.1.conv2.weight");
	await assert.rejects(read, {
		code: "weights-not-finite",
		message: /NaN in "layer4.1.conv2.weight", at its value 7/,
	});
});
