import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	tuxpaint,
} from "../support/graft.ts";
import { pairText, plant, scoresOf } from "./plant.ts";

/** Faults that were planted into the embedded photos are found by `graft data check`. */

interface Photo {
	readonly path: string;
}

interface Findings {
	readonly duplicates: readonly {
		readonly photos: readonly Photo[];
		readonly crosses_splits: boolean;
	}[];
	readonly label_errors: readonly (Photo & { readonly suggested: string })[];
	readonly corrupt: readonly Photo[];
	readonly learning_curve: { readonly points: readonly unknown[] };
}

test("planted copies, wrong labels and broken files are found", async (t) => {
	const folder = folderFor(t);
	const photos = join(folder, "photos");
	const planted = await plant(
		tuxpaint,
		photos,
		{ duplicates: 12, mislabelled: 5, broken: 3 },
		0,
	);
	const file = experimentIn(
		folder,
		`data: { root: ${JSON.stringify(photos)} }\nmodel: { backbone: efficientnet_lite0 }\ntransforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize]\n`,
	);
	const env = envFor(folder);
	const ended = await graft(["data", "check", file, "--format", "json"], env);
	assert.equal(ended.code, 0, ended.stderr);
	const found = JSON.parse(ended.stdout) as Findings;

	const pairs = found.duplicates.map(({ photos }) =>
		pairText(photos.map(({ path }) => path)),
	);
	const copies = scoresOf(planted.duplicates.map(pairText), pairs);
	assert.ok(copies.recall >= 0.9, JSON.stringify({ copies, pairs }));
	assert.ok(copies.precision >= 0.9, JSON.stringify({ copies, pairs }));
	assert.ok(found.duplicates.every((group) => group.crosses_splits));

	const labels = found.label_errors.map(({ path }) => path);
	const wrong = scoresOf(planted.mislabelled, labels);
	assert.ok(wrong.recall >= 0.8, JSON.stringify({ wrong, labels }));
	assert.ok(wrong.precision >= 0.5, JSON.stringify({ wrong, labels }));

	assert.deepEqual(
		found.corrupt.map(({ path }) => path).sort(),
		[...planted.broken].sort(),
	);
	assert.ok(found.learning_curve.points.length >= 3);

	const text = await graft(["data", "check", file], env);
	assert.equal(text.code, 0);
	assert.match(text.stdout, /same picture in several splits: 1[0-3]\n/);
	assert.match(text.stdout, /unreadable: 3\n/);
	const again = await graft(["data", "check", file, "--format", "json"], env);
	assert.equal(again.stdout, ended.stdout, "the same photos, the same bytes");
});

test("what cannot be checked is said", async (t) => {
	const env = envFor(folderFor(t));
	for (const [args, words] of [
		[["data"], /check FILE/],
		[["data", "chek", "a.yaml"], /did you mean graft data check/],
		[["data", "check"], /needs an experiment file/],
		[["data", "check", "/nowhere/a.yaml"], /nowhere/],
	] as const) {
		const { code, stderr } = await graft(args, env);
		assert.equal(code, 2, args.join(" "));
		assert.match(stderr, words);
	}
});
