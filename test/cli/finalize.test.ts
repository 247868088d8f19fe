import assert from "node:assert/strict";
import {
	cpSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test from "node:test";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	tuxpaint,
} from "../support/graft.ts";
import { smallExperiment, smallPhotos } from "../support/small-photos.ts";

/** `graft finalize`: the test split stays shut until then, gives the numbers of training's own evaluation, and counts. */

/** The embedded photos, the valid ones a second time as the test split. */
function photosIn(folder: string): string {
	const photos = join(folder, "photos");
	cpSync(tuxpaint, photos, { recursive: true });
	cpSync(join(photos, "valid"), join(photos, "test"), { recursive: true });
	return photos;
}

const TRANSFORMS =
	"transforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize]\n";

interface Said {
	readonly run_id: string;
	readonly test: { readonly accuracy: number; readonly photos: number };
	readonly looks: number;
}

test("the test photos get what the valid ones got, are read by finalize alone, and every look counts", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	const photos = photosIn(folder);
	// One photo of the test split is found nowhere else: only finalize may compute its features.
	const [name = ""] = readdirSync(join(photos, "valid", "bird")).sort();
	rmSync(join(photos, "valid", "bird", name));
	for (const [looks, model, train] of [
		[
			1,
			"head: linear",
			"train: { optimizer: adam, learning_rate: 0.002, epochs: 3 }",
		],
		[2, "head: logistic", ""],
	] as const) {
		const file = experimentIn(
			folder,
			`data: { root: ${JSON.stringify(photos)}, test: test }\n${TRANSFORMS}model: { backbone: efficientnet_lite0, ${model} }\n${train}\n`,
			`e${looks}.yaml`,
		);
		const run = await graft(["run", file, "--format", "json"], env);
		assert.equal(run.code, 0, run.stderr);
		const { run_id, run_dir } = JSON.parse(run.stdout);
		if (looks === 1)
			assert.match(
				run.stderr,
				/features {2}146 computed/,
				"147 contents less one",
			);
		const ended = await graft(["finalize", run_id, "--format", "json"], env);
		assert.equal(ended.code, 0, ended.stderr);
		const said = JSON.parse(ended.stdout) as Said;
		assert.equal(said.looks, looks);
		assert.equal(said.test.photos, 43);

		const predictions = (split: string) =>
			new Map(
				readFileSync(join(run_dir, `predictions${split}.jsonl`), "utf8")
					.trim()
					.split("\n")
					.map((line) => JSON.parse(line))
					.map((one) => [one.sha256, one] as const),
			);
		const [valid, opened] = [predictions(""), predictions("-test")];
		assert.equal(opened.size, valid.size + 1);
		for (const [content, { probabilities, predicted, loss }] of valid) {
			const twin = opened.get(content);
			assert.equal(twin.predicted, predicted);
			assert.ok(Math.abs(twin.loss - loss) < 1e-5);
			probabilities.forEach((p: number, i: number) => {
				assert.ok(Math.abs(p - twin.probabilities[i]) < 1e-6);
			});
		}
		const shown = await graft(["show", run_id], env);
		assert.match(shown.stdout, /test accuracy +\d+\.\d\d % \(graft finalize\)/);
		const listed = await graft(["ls", "--format", "json"], env);
		assert.match(listed.stdout, /"FINISHED"/);
	}
	const text = await graft(["finalize", "latest"], env);
	assert.match(text.stdout, /look 3 at these photos/);
});

test("what cannot be finalized says why", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	const photos = join(folder, "photos");
	cpSync(tuxpaint, photos, { recursive: true });
	const file = experimentIn(
		folder,
		`data: { root: ${JSON.stringify(photos)} }\n${TRANSFORMS}model: { backbone: efficientnet_lite0 }\ntrain: { epochs: 1 }\n`,
	);
	assert.equal((await graft(["run", file], env)).code, 0);
	const without = await graft(["finalize", "latest"], env);
	assert.equal(without.code, 1);
	assert.match(without.stderr, /no-test-split/);
	const [name = ""] = readdirSync(join(photos, "train", "bird"));
	rmSync(join(photos, "train", "bird", name));
	const changed = await graft(["finalize", "latest"], env);
	assert.equal(changed.code, 1);
	assert.match(changed.stderr, /run-changed/);
	const unknown = await graft(["finalize", "nothing"], env);
	assert.equal(unknown.code, 2);
	assert.match(unknown.stderr, /unknown-run/);
});

test("test photos that cannot be read are left out by name, and what changed since the run is named", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	const photos = smallPhotos(folder, { train: 4, valid: 2, test: 2 });
	const broken = (split: string) =>
		writeFileSync(join(photos, split, "bird", "broken.jpg"), `no ${split}`);
	for (const split of ["train", "test"]) broken(split);
	const file = smallExperiment(folder, photos, {
		data: ", test: test, on_corrupt: skip",
		rest: "evaluation: { tta: hflip }",
	});
	const run = await graft(["run", file, "--format", "json"], env);
	assert.equal(run.code, 0, run.stderr);
	const { run_id, run_dir } = JSON.parse(run.stdout);
	const finalize = () => graft(["finalize", run_id, "--format", "json"], env);
	const ended = await finalize();
	assert.equal(ended.code, 0, ended.stderr);
	assert.match(ended.stderr, /left out {2}test\/bird\/broken\.jpg: it is not/);
	const said = JSON.parse(ended.stdout);
	assert.equal(said.test.photos, 6);
	assert.deepEqual(
		said.corrupt.map(({ path }: { path: string }) => path),
		["test/bird/broken.jpg"],
	);

	const head = readFileSync(join(run_dir, "head.safetensors"));
	writeFileSync(join(run_dir, "head.safetensors"), "xx");
	const damaged = await finalize();
	assert.equal(damaged.code, 1);
	assert.match(damaged.stdout, /run the experiment again/);
	writeFileSync(join(run_dir, "head.safetensors"), head);
	broken("valid");
	const changed = await finalize();
	assert.equal(changed.code, 1);
	assert.match(changed.stdout, /run-changed/);
	assert.match(changed.stdout, /its photos are others now/);
});
