import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { prepare } from "../../src/prepare.ts";
import { experimentIn, folderFor, tuxpaint } from "../support/graft.ts";

/** Keys of training that change nothing, which only photos and network tell, are told in a warning. */

async function warned(
	context: TestContext,
	{ model = "", train = "", backbone = "resnet18" },
): Promise<readonly string[]> {
	const folder = folderFor(context);
	const file = experimentIn(
		folder,
		`name: idle
data: { root: ${tuxpaint} }
transforms: [Resize: { size: [64, 64] }, ToTensor, Normalize]
model: { backbone: ${backbone}, weights: none, ${model} }
train: { epochs: 2, ${train} }
`,
	);
	const prepared = await prepare(file, {
		...{ sets: [], cacheFolder: folder, hash: false, missing: "warning" },
	});
	assert.ok(prepared.ok, JSON.stringify(prepared));
	return prepared.warnings
		.filter(({ code }) => code === "option-without-effect")
		.map(({ message, range }) => {
			assert.ok(range !== undefined, "it has a place");
			return message;
		});
}

test("a checkpoint that never comes, a batch that is the whole data set and micro-batches that an epoch has not are warnings", async (t) => {
	const of = (train: string) => warned(t, { train });
	assert.match((await of("checkpoints: { every: 5 }"))[0] ?? "", /there are 2/);
	assert.deepEqual(await of("checkpoints: { every: 2 }"), []);
	assert.match((await of("batch_size: 4096"))[0] ?? "", /photos to train on/);
	assert.match(
		(await of("batch_size: 32, accumulate: 50"))[0] ?? "",
		/an epoch has \d batches/,
	);
	assert.deepEqual(await of("batch_size: 32, accumulate: 2"), []);
});

test("batch_norm where every BatchNorm is frozen, or none is there, is a warning", async (t) => {
	const of = (model: string, backbone?: string) =>
		warned(t, { model, ...(backbone && { backbone }) });
	const [frozen] = await of("freeze: all, batch_norm: eval");
	assert.match(frozen ?? "", /every BatchNorm of the network is frozen/);
	const [none] = await of("freeze: none, batch_norm: train", "vgg11");
	assert.match(none ?? "", /has no BatchNorm/);
	assert.deepEqual(await of('freeze: ["conv1", "bn1"], batch_norm: eval'), []);
});
