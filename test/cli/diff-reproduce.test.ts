import assert from "node:assert/strict";
import {
	cpSync,
	readdirSync,
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

async function runsIn(context: TestContext) {
	const folder = folderFor(context);
	const photos = join(folder, "photos");
	cpSync(tuxpaint, photos, { recursive: true });
	const env = envFor(folder);
	const file = experimentIn(
		folder,
		`name: twice
data: { root: photos }
transforms: [{ Resize: { size: [32, 32] } }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0 }
train: { optimizer: adam, learning_rate: 0.01, epochs: 3 }
`,
	);
	const run = async (...more: string[]) => {
		const ended = await graft(["run", file, "--format", "json", ...more], env);
		assert.equal(ended.code, 0, ended.stderr);
		return JSON.parse(ended.stdout) as {
			run_id: string;
			metrics: Record<string, number>;
		};
	};
	return { folder, photos, env, run };
}

test("diff names what was set, what it did to the metrics, and the photos that changed sides", async (context) => {
	const { env, run } = await runsIn(context);
	const a = await run("--set", "train.learning_rate=0.0001");
	const b = await run();
	const ended = await graft(
		["diff", a.run_id, b.run_id, "--format", "json"],
		env,
	);
	assert.equal(ended.code, 0, ended.stderr);
	const found = JSON.parse(ended.stdout);
	assert.deepEqual(found.config, [
		{ key: "train.learning_rate", a: 0.0001, b: 0.01 },
	]);
	assert.deepEqual([found.data, found.environment], [[], []]);
	assert.equal(found.metrics[0].key, "valid/accuracy");
	assert.equal(found.metrics[0].a, a.metrics["valid/accuracy"]);
	const { won, lost, common, pValue } = found.photos;
	assert.equal(common, 43);
	assert.equal(
		won.length - lost.length,
		Math.round(
			43 *
				((b.metrics["valid/accuracy"] ?? 0) -
					(a.metrics["valid/accuracy"] ?? 0)),
		),
	);
	assert.ok(won.length > 0 && pValue > 0 && pValue <= 1);
	for (const photo of won) {
		assert.equal(photo.b, photo.label);
		assert.ok(photo.path.startsWith(`valid/${photo.label}/`));
	}
	const text = await graft(["diff", a.run_id, b.run_id], env);
	assert.match(text.stdout, /train\.learning_rate +0\.0001 +→ +0\.01/);
	assert.match(text.stdout, /environment\n {2}the same/);
	const wrong = await graft(["diff", a.run_id, "no-run"], env);
	assert.equal(wrong.code, 2);
	assert.match(wrong.stderr, /unknown-run/);
});

test("reproduce says bit for bit where all is as it was, and what changed where it is not", async (context) => {
	const { folder, photos, env, run } = await runsIn(context);
	const { run_id } = await run();
	const same = await graft(["reproduce", run_id], env);
	assert.equal(same.code, 0, same.stderr);
	assert.match(same.stdout, /bit for bit the same/);
	assert.equal(readdirSync(join(folder, "runs")).length, 2);

	const [first = "", second = ""] = readdirSync(join(photos, "train", "bird"));
	writeFileSync(
		join(photos, "train", "bird", "more.jpg"),
		readFileSync(
			join(
				photos,
				"train",
				"fruit",
				readdirSync(join(photos, "train", "fruit"))[0] ?? "",
			),
		),
	);
	rmSync(join(photos, "train", "bird", first));
	rmSync(join(photos, "train", "bird", second));
	const other = await graft(["reproduce", run_id, "--format", "json"], env);
	assert.equal(other.code, 1, other.stderr);
	const said = JSON.parse(other.stdout);
	assert.equal(said.verdict, "different");
	assert.ok(said.largest_difference > 1e-3);
	assert.deepEqual(
		said.diff.data.map(({ key }: { key: string }) => key),
		["photos in train", "photos' hash"],
	);
	rmSync(photos, { recursive: true });
	const gone = await graft(["reproduce", run_id], env);
	assert.equal(gone.code, 2);
	assert.match(gone.stderr, /no-such-folder/);
});
