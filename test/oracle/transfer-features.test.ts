import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { packageRoot } from "../../src/paths.ts";
import { envFor, folderFor, graft, tuxpaint } from "../support/graft.ts";
import { needs } from "../support/needs.ts";
import { type Apart, python } from "./python.ts";

const torch = needs("torch");

/** Policy → where the features are taken; "" is the default, where the head attaches. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
	"center-crop": [""],
	resize: ["", "input"],
	"resize-center-crop": ["", "input", "logits", "_blocks.3", "_blocks.11._bn2"],
};

interface Compared extends Apart {
	readonly what: string;
	/** Pixels in units of 1 of 255. */
	readonly pixels: boolean;
	readonly same: Readonly<Record<string, boolean>>;
}

test("the examples' features, pixels, order, labels and names are those of ImageFolder, torchvision and torch", {
	skip: torch.missing,
}, async (context) => {
	const folder = folderFor(context);
	const files: Record<string, Record<string, string>> = {};
	for (const [policy, places] of Object.entries(PLACES)) {
		files[policy] = {};
		for (const at of places) {
			const out = join(folder, `${policy}-${at}.safetensors`);
			files[policy][at] = out;
			const ended = await graft(
				[
					"features",
					`experiments/${policy}.yaml`,
					"--out",
					out,
					...(at === "" ? [] : ["--at", at]),
				],
				envFor(folder),
			);
			assert.equal(ended.code, 0, ended.stderr);
		}
	}
	const compared = await python<Compared[]>(
		torch.path,
		"transfer_features.py",
		{
			weights: join(
				packageRoot(),
				"src/model/zoo/efficientnet_lite0.safetensors",
			),
			root: tuxpaint,
			files,
			every: 4,
		},
	);
	assert.equal(compared.length, 2 * 7);
	for (const { what, pixels, same, ...apart } of compared) {
		for (const [part, equal] of Object.entries(same))
			assert.ok(equal, `${what}: ${part}`);
		const holds = pixels
			? apart.max <= 1 && apart.mean <= 0.02
			: apart.relative < 1e-4 && apart.cosine > 0.999999;
		assert.ok(holds, `${what}: ${JSON.stringify(apart)}`);
	}
});
