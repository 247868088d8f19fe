import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import test, { type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	tuxpaint,
} from "../support/graft.ts";
import { needs } from "../support/needs.ts";

const torch = needs("torch");
const real = { skip: torch.missing ?? false };
const here = dirname(fileURLToPath(import.meta.url));

/** As torchvision starts a network; quicker than reading them from a seed of our own. */
const RANDOM_WEIGHTS = `
import sys, torch, torchvision
from safetensors.torch import save_file
torch.manual_seed(0)
save_file(getattr(torchvision.models, sys.argv[1])().state_dict(), sys.argv[2])
`;

async function runIn(context: TestContext, model: string, size = 32) {
	const folder = folderFor(context);
	const env = envFor(folder);
	const file = experimentIn(
		folder,
		`name: exported
data: { root: ${JSON.stringify(tuxpaint)} }
transforms: [{ Resize: { size: [${size}, ${size}] } }, ToTensor, Normalize]
model: ${model}
train: { optimizer: adam, learning_rate: 0.01, epochs: 2 }
`,
	);
	const ended = await graft(["run", file, "--format", "json"], env);
	assert.equal(ended.code, 0, ended.stderr);
	const { run_id } = JSON.parse(ended.stdout) as { run_id: string };
	return { folder, env, run_id };
}

for (const backbone of ["resnet18", "vgg16"])
	test(
		`${backbone}: torchvision takes the safetensors, onnxruntime for Python the onnx, and both give the same logits`,
		real,
		async (context) => {
			const weights = join(folderFor(context), "weights.safetensors");
			execFileSync(torch.path, ["-c", RANDOM_WEIGHTS, backbone, weights]);
			const { folder, env, run_id } = await runIn(
				context,
				`{ backbone: ${backbone}, weights: ${JSON.stringify(weights)} }`,
			);
			const folders = ["onnx", "safetensors"].map((to) => join(folder, to));
			for (const out of folders) {
				const to = out.endsWith("onnx") ? "onnx" : "safetensors";
				const ended = await graft(
					["export", run_id, "--to", to, "--out", out, "--format", "json"],
					env,
				);
				assert.equal(ended.code, 0, ended.stderr);
				const { parity, files } = JSON.parse(ended.stdout);
				assert.equal(parity.photos, 43);
				assert.ok(parity.largest_difference < 1e-5);
				assert.deepEqual([...files].sort(), readdirSync(out).sort());
			}
			const said = JSON.parse(
				execFileSync(
					torch.path,
					[join(here, "torch_loads.py"), backbone, ...folders],
					{ encoding: "utf8" },
				),
			);
			assert.ok(said.difference < 1e-4, `${said.difference}`);
			for (const sum of said.sums) assert.ok(Math.abs(sum - 1) < 1e-5);
			assert.deepEqual(said.metadata, [
				"graft.classes",
				"graft.run_id",
				"graft.transforms",
			]);
		},
	);

test("heads that were fitted at once are layers too, but those that compare photos are not", async (context) => {
	for (const [head, code] of [
		["svm", 0],
		["knn", 1],
	] as const) {
		const { folder, env, run_id } = await runIn(
			context,
			`{ backbone: efficientnet_lite0, head: ${head} }`,
		);
		const out = join(folder, "out");
		const ended = await graft(
			["export", run_id, "--to", "onnx", "--out", out],
			env,
		);
		assert.equal(ended.code, code, ended.stderr);
		assert.equal(existsSync(out), code === 0);
		if (code !== 0) assert.match(ended.stderr, /export-not-a-layer/);
		else {
			const card = readFileSync(join(out, "README.md"), "utf8");
			assert.match(card, /checked \| 43 photos/);
			assert.doesNotMatch(card, /probabilities/);
		}
	}
});

test("what stands in the way of an export is said, and nothing is left behind", async (context) => {
	const { folder, env, run_id } = await runIn(
		context,
		"{ backbone: efficientnet_lite0 }",
	);
	const there = join(folder, "there");
	mkdirSync(there);
	writeFileSync(join(there, "mine.txt"), "mine");
	for (const [operands, code, text] of [
		[[run_id], 2, /export needs a format/],
		[[run_id, "--to", "onx"], 2, /did you mean "onnx"/],
		[[run_id, "--to", "onnx", "--out", there], 1, /export-exists/],
		[[run_id, "--to", "onnx", "absent.jpg"], 2, /no-such-photo/],
		[["no-run", "--to", "onnx"], 2, /unknown-run/],
	] as const) {
		const ended = await graft(["export", ...operands], env);
		assert.equal(ended.code, code, `${operands}: ${ended.stderr}`);
		assert.match(ended.stderr, text);
	}
	assert.deepEqual(readdirSync(there), ["mine.txt"]);
	assert.ok(!existsSync(`${run_id}-onnx`));
});
