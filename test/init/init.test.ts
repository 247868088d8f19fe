import assert from "node:assert/strict";
import {
	cpSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test from "node:test";
import sharp from "sharp";
import { drawGratings } from "../strategy/gratings.ts";
import { envFor, folderFor, graft, tuxpaint } from "../support/graft.ts";

/** `graft init` as a user starts it: what it writes passes check and run, and says why. */

interface Found {
	readonly photos: number;
	readonly imbalance: number;
	readonly pictures: {
		readonly grey: number;
		readonly turned: number;
		readonly corrupt: readonly { readonly path: string }[];
	};
	readonly duplicates: readonly {
		readonly kind: string;
		readonly photos: readonly { readonly path: string }[];
	}[];
	readonly transforms: { readonly name: string };
	readonly strategy: { readonly strategy: string };
}

test("class folders with uneven counts, a broken photo, a copy, a grey and a turned one: all told, split, weighted and run", async (t) => {
	const folder = folderFor(t);
	const photos = join(folder, "my phötos");
	const take = (name: string, count: number) => {
		mkdirSync(join(photos, name), { recursive: true });
		const from = join(tuxpaint, "train", name);
		const files = readdirSync(from).sort().slice(0, count);
		for (const file of files)
			cpSync(join(from, file), join(photos, name, file));
		return files.map((file) => join(photos, name, file));
	};
	const [bird = ""] = take("bird", 20);
	const [fruit = "", second = ""] = take("fruit", 6);
	writeFileSync(join(photos, "bird", "broken.jpg"), "no photo");
	await sharp(bird)
		.resize(90)
		.jpeg({ quality: 70 })
		.toFile(join(photos, "bird", "again.jpg"));
	await sharp(fruit)
		.greyscale()
		.toFile(join(photos, "fruit", "grey.png"));
	await sharp(second)
		.withMetadata({ orientation: 6 })
		.toFile(join(photos, "fruit", "turned.jpg"));

	const file = join(folder, "out.yaml");
	const env = envFor(folder);
	const ended = await graft(
		["init", photos, "-o", file, "--format", "json"],
		env,
	);
	assert.equal(ended.code, 0, ended.stderr);
	const found = JSON.parse(ended.stdout) as Found;
	assert.equal(found.photos, 30);
	assert.ok(found.imbalance > 2);
	assert.deepEqual(
		found.pictures.corrupt.map(({ path }) => path),
		["bird/broken.jpg"],
	);
	assert.equal(found.pictures.grey, 1);
	assert.equal(found.pictures.turned, 1);
	assert.ok(
		found.duplicates.some(({ photos }) =>
			photos.some(({ path }) => path === "bird/again.jpg"),
		),
		JSON.stringify(found.duplicates),
	);
	assert.equal(found.strategy.strategy, "linear_probe");
	const text = readFileSync(file, "utf8");
	assert.match(
		text,
		/^# yaml-language-server: \$schema=.*experiment\.schema\.json/,
	);
	assert.match(text, /root: "my phötos"/);
	assert.match(text, /split: \{ valid: 0\.2 \}/);
	assert.match(text, /on_corrupt: quarantine/);
	assert.match(text, /strategy: linear_probe/);

	const again = await graft(["init", photos, "-o", file], env);
	assert.equal(again.code, 2);
	assert.match(again.stderr, /init-exists/);
	assert.equal(readFileSync(file, "utf8"), text, "nothing is overwritten");
	const forced = await graft(["init", photos, "-o", file, "--force"], env);
	assert.equal(forced.code, 0, forced.stderr);
	assert.equal(
		readFileSync(file, "utf8"),
		text,
		"the same photos, the same file",
	);
	const ran = await graft(["run", file, "--format", "json"], env);
	assert.equal(ran.code, 0, ran.stderr);
});

test("drawn stripes become an SVM on an earlier layer with weights of classes, and the file runs", async (t) => {
	const folder = folderFor(t);
	const photos = join(folder, "stripes");
	await drawGratings(photos, 6, { train: 10, valid: 2 });
	const lean = join(photos, "train", "stripes-5");
	for (const name of readdirSync(lean).slice(3)) rmSync(join(lean, name));
	cpSync(join(lean, "0.png"), join(lean, "1.png"));
	const file = join(folder, "stripes.yaml");
	const env = envFor(folder);
	const ended = await graft(["init", photos, "-o", file], env);
	assert.equal(ended.code, 0, ended.stderr);
	assert.match(ended.stdout, /group of photos with equal bytes/);
	assert.match(ended.stdout, /all are grey/);
	const text = readFileSync(file, "utf8");
	assert.match(text, /strategy: early_layer_svm/);
	assert.match(text, /features: \{ depth: 0\.\d \}/);
	assert.match(text, /head: \{ svm: \{ class_weight: balanced \} \}/);
	const plan = await graft(["plan", file, "--format", "json"], env);
	assert.equal(plan.code, 0, plan.stderr);
	const { strategy } = JSON.parse(plan.stdout) as {
		strategy: { name: string };
	};
	assert.equal(strategy.name, "early_layer_svm");
});
