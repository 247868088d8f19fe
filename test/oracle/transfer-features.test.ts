import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { packageRoot } from "../../src/paths.ts";
import { envFor, folderFor, graft, tuxpaint } from "../support/graft.ts";
import { needs } from "../support/needs.ts";
import { fewPhotos } from "./photos.ts";
import { type Apart, python } from "./python.ts";

const torch = needs("torch");

/** Where the features are taken; "" is the default, where the head attaches. */
const ITEMS = [
	{ policy: "center-crop", whole: false, places: [""] },
	{ policy: "resize", whole: true, places: [""] },
	{
		policy: "resize-center-crop",
		whole: false,
		places: ["", "input", "logits", "_blocks.3"],
	},
];

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
	const few = fewPhotos(
		folder,
		["bird", "flower", "fruit", "mammal", "vegetable"],
		4,
		2,
	);
	const items = [];
	for (const { policy, whole, places } of ITEMS) {
		const root = whole ? tuxpaint : few;
		const files: Record<string, string> = {};
		for (const at of places) {
			const out = join(folder, `${policy}-${at}.safetensors`);
			files[at] = out;
			const ended = await graft(
				[
					"features",
					`experiments/${policy}.yaml`,
					"--set",
					`data.root=${root}`,
					"--out",
					out,
					...(at === "" ? [] : ["--at", at]),
				],
				envFor(folder),
			);
			assert.equal(ended.code, 0, ended.stderr);
		}
		items.push({ policy, root, files, every: whole ? 5 : 1 });
	}
	const weights = join(
		packageRoot(),
		"src/model/zoo/efficientnet_lite0.safetensors",
	);
	const compared = await python<Compared[]>(
		torch.path,
		"transfer_features.py",
		{ weights, items },
	);
	assert.equal(compared.length, 2 * 6);
	for (const { what, pixels, same, ...apart } of compared) {
		for (const [part, equal] of Object.entries(same))
			assert.ok(equal, `${what}: ${part}`);
		const holds = pixels
			? apart.max <= 1 && apart.mean <= 0.02
			: apart.relative < 1e-4 && apart.cosine > 0.999999;
		assert.ok(holds, `${what}: ${JSON.stringify(apart)}`);
	}
});
