import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { envFor, experimentIn, folderFor, graft } from "../support/graft.ts";
import { needs } from "../support/needs.ts";
import { fewPhotos } from "./photos.ts";
import { type Apart, python } from "./python.ts";

const torch = needs("torch");

test("a state_dict of torchvision's vgg11 gives PyTorch's features; another network's is refused before the work", {
	skip: torch.missing,
}, async (context) => {
	const folder = folderFor(context);
	const env = envFor(folder);
	const root = fewPhotos(folder, ["bird", "fruit"], 1, 1);
	const weights = join(folder, "vgg11.safetensors");
	const wrong = join(folder, "wrong.safetensors");
	await python(torch.path, "vgg.py", { do: "save", path: weights, wrong });
	const file = experimentIn(
		folder,
		`data: { root: photos }
transforms: [{ Resize: 256 }, { CenterCrop: 224 }, ToTensor, Normalize]
model:
  backbone: vgg11
  weights: vgg11.safetensors
  freeze: all
  replace: { classifier.6: { Linear: { out_features: 2 } } }
train: { loss: cross_entropy, optimizer: sgd, learning_rate: 0.001, epochs: 1, batch_size: 2 }
`,
	);

	const files: Record<string, string> = {};
	for (const at of ["classifier.5", "features.20"]) {
		const out = join(folder, `${at}.safetensors`);
		files[at] = out;
		const ended = await graft(
			["features", file, "--at", at, "--out", out],
			env,
		);
		assert.equal(ended.code, 0, ended.stderr);
	}
	const compared = await python<(Apart & { what: string })[]>(
		torch.path,
		"vgg.py",
		{ do: "compare", weights, root, files },
	);
	assert.equal(compared.length, 4);
	for (const { what, ...apart } of compared)
		assert.ok(
			apart.relative < 1e-5 && apart.cosine > 0.999999,
			`${what}: ${JSON.stringify(apart)}`,
		);

	const refused = await graft(
		["run", file, "--set", `model.weights=${wrong}`, "--format", "json"],
		env,
	);
	assert.equal(refused.code, 2);
	const diagnostics = JSON.parse(refused.stdout) as {
		code: string;
		message: string;
	}[];
	assert.deepEqual(
		diagnostics.map(({ code }) => code),
		["weights-mismatch"],
	);
	const message = diagnostics[0]?.message as string;
	assert.match(message, /missing: features\.3\.bias;/);
	assert.match(message, /unexpected: classifier\.7\.bias;/);
	assert.match(
		message,
		/features\.0\.weight \(float32 \[2\] in the file, float32 \[64,3,3,3\] in the network\)/,
	);
});
