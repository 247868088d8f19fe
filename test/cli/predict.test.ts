import assert from "node:assert/strict";
import {
	cpSync,
	mkdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	tuxpaint,
} from "../support/graft.ts";

/** A run whose photos are a copy that can be taken away. */
async function runIn(context: TestContext, head = "linear") {
	const folder = folderFor(context);
	const photos = join(folder, "photos");
	cpSync(tuxpaint, photos, { recursive: true });
	const env = envFor(folder);
	const file = experimentIn(
		folder,
		`name: predicted
data: { root: photos }
transforms: [{ Resize: { size: [32, 32] } }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0, head: ${head} }
train: { optimizer: adam, learning_rate: 0.01, epochs: 3 }
`,
	);
	const ended = await graft(["run", file, "--format", "json"], env);
	assert.equal(ended.code, 0, ended.stderr);
	const { run_id } = JSON.parse(ended.stdout);
	const lines = readFileSync(
		join(String(env.GRAFT_RUNS), run_id, "predictions.jsonl"),
		"utf8",
	);
	const recorded = lines
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line))
		.filter((line) => line.path !== undefined);
	return { folder, photos, env, run_id, recorded };
}

for (const head of ["linear", "logistic"] as const)
	test(`${head}: a run says of its valid photos what it said at its end, to the last bit of float32`, async (context) => {
		const { folder, photos, env, run_id, recorded } = await runIn(
			context,
			head,
		);
		const ended = await graft(
			["predict", run_id, join(photos, "valid"), "--format", "json"],
			env,
		);
		assert.equal(ended.code, 0, ended.stderr);
		const said = JSON.parse(ended.stdout);
		assert.equal(said.photos.length, recorded.length);
		const byPath = new Map(
			said.photos.map((photo: { path: string; probabilities: number[] }) => [
				photo.path.slice(photos.length + 1),
				photo.probabilities,
			]),
		);
		for (const { path, probabilities } of recorded) {
			const own = byPath.get(path) as number[];
			assert.deepEqual(
				own.map(Math.fround),
				probabilities.map(Math.fround),
				path,
			);
		}
		assert.ok(folder);
	});

test("photos it has never seen are told when those it was trained on are gone", async (context) => {
	const { folder, photos, env, run_id } = await runIn(context);
	const other = join(folder, "other");
	mkdirSync(other);
	cpSync(join(photos, "valid", "bird"), join(other, "deep"), {
		recursive: true,
	});
	rmSync(photos, { recursive: true });
	writeFileSync(join(other, "torn.jpg"), "no photo");
	const ended = await graft(["predict", run_id, other, "--top", "2"], env);
	assert.equal(ended.code, 0, ended.stderr);
	const lines = ended.stdout.trim().split("\n");
	assert.ok(lines.length > 3);
	for (const line of lines)
		assert.match(line, /deep\/\S+ +\w+ 0\.\d{3} +\w+ 0\.\d{3}$/);
	assert.match(ended.stderr, /left out {2}\S*torn\.jpg: /);
});

test("what cannot be predicted is said before anything is computed", async (context) => {
	const { folder, env, run_id } = await runIn(context);
	const empty = join(folder, "empty");
	mkdirSync(empty);
	for (const [operands, code, text] of [
		[[run_id, "absent.jpg"], 2, /no-such-photo/],
		[[run_id, empty], 2, /no-photos-in-folder/],
		[["no-run-of-mine", empty], 2, /unknown-run/],
		[[run_id], 2, /PHOTOS/],
		[[run_id, empty, "--top", "0"], 2, /--top/],
	] as const) {
		const ended = await graft(["predict", ...operands], env);
		assert.equal(ended.code, code, `${operands}: ${ended.stderr}`);
		assert.match(ended.stderr, text);
		assert.equal(ended.stdout, "");
	}
});
