import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { packageRoot } from "../../src/paths.ts";
import { envFor, experimentIn, folderFor, graft } from "../support/graft.ts";
import { needs } from "../support/needs.ts";
import { type Apart, python } from "./python.ts";

const torch = needs("torch");

interface Compared extends Apart {
	readonly what: string;
	readonly at: string;
	/** What Graft wrote beside what ImageFolder says; once a file and split. */
	readonly same?: Readonly<Record<string, readonly [unknown, unknown]>>;
}

test("photos of every kind, orientation and name have Pillow's pixels, PyTorch's features and ImageFolder's order", {
	skip: torch.missing,
}, async (context) => {
	const folder = folderFor(context);
	const root = join(folder, "photos");
	await python(torch.path, "make_odd_photos.py", { root });
	const file = experimentIn(
		folder,
		`data: { root: photos }
transforms: [{ Resize: 72 }, { CenterCrop: 64 }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0, freeze: all, head: linear }
train: { loss: cross_entropy, optimizer: sgd, learning_rate: 0.01, epochs: 1, batch_size: 8 }
`,
	);
	const files: Record<string, string> = {};
	for (const at of ["default", "input"]) {
		const out = join(folder, `${at}.safetensors`);
		files[at] = out;
		const place = at === "default" ? [] : ["--at", at];
		const ended = await graft(
			["features", file, "--out", out, ...place],
			envFor(folder),
		);
		assert.equal(ended.code, 0, ended.stderr);
	}
	const compared = await python<Compared[]>(torch.path, "odd_photos.py", {
		root,
		files,
		weights: join(
			packageRoot(),
			"src/model/zoo/efficientnet_lite0.safetensors",
		),
	});
	assert.equal(compared.length, 2 * 53);
	for (const { what, at, same = {}, ...apart } of compared) {
		for (const [found, expected] of Object.values(same))
			assert.deepEqual(found, expected);
		// Of pixels (x - 127) / 128.
		const holds =
			at === "input"
				? apart.max * 128 <= 1.01 && apart.mean * 128 <= 0.02
				: apart.relative < 1e-3 && apart.cosine > 0.9999;
		assert.ok(holds, `${what}: ${JSON.stringify(apart)}`);
	}
});
