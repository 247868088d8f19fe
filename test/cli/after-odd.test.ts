import assert from "node:assert/strict";
import {
	cpSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test from "node:test";
import sharp from "sharp";
import { parseArguments } from "../../src/cli/arguments.ts";
import {
	type Ended,
	envFor,
	experimentIn,
	folderFor,
	graft,
} from "../support/graft.ts";
import { smallPhotos } from "../support/small-photos.ts";

/** predict, export, diff, reproduce, report and lr where the world or the user is unkind: each says place, reason and fix. */

/** Of JSON on stdout: diagnostics of bad input, or the failure of a run. */
function said({ stdout, stderr }: Ended): { code: string; fix: string | null } {
	const value = JSON.parse(stdout || "null");
	assert.ok(value, stderr);
	return Array.isArray(value) ? value[0] : value.error;
}

const text = (root: string, model = "") => `
data: { root: ${JSON.stringify(root)} }
transforms: [{ Resize: { size: [64, 64] } }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0${model} }
train: { epochs: 1, batch_size: 8 }
`;

test("what comes after a run, on runs and photos that are not as they should be", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	const runs = join(folder, "runs");
	const photos = smallPhotos(folder, { train: 4, valid: 2 });
	const make = async (name: string, body: string) => {
		const file = experimentIn(folder, body, `${name}.yaml`);
		const ended = await graft(["run", file, "--format", "json"], env);
		assert.equal(ended.code, 0, ended.stderr);
		return JSON.parse(ended.stdout);
	};
	const { run_id: run } = await make("plain", text(photos));
	await make("compared", text(photos, ", head: knn"));
	const swept = await make(
		"swept",
		`${text(photos)}sweep: { grid: { seed: [1, 2] } }\n`,
	);
	const json = (...args: string[]) => graft([...args, "--format", "json"], env);
	/** The run again under another name, its journal changed. */
	const copied = (id: string, change: (journal: string) => string) => {
		cpSync(join(runs, run), join(runs, id), { recursive: true });
		const journal = join(runs, id, "journal.jsonl");
		writeFileSync(
			journal,
			change(readFileSync(journal, "utf8").replaceAll(run, id)),
		);
		return id;
	};
	const same = (journal: string) => journal;

	await t.test("operands too few, runs that are not there", async () => {
		for (const verb of "predict export diff reproduce report lr".split(" ")) {
			const parsed = parseArguments([verb]);
			assert.ok(!parsed.ok);
			assert.equal(parsed.diagnostics[0]?.code, "missing-operand");
			assert.ok(parsed.diagnostics[0]?.fix);
		}
		for (const args of [
			["predict", "plaim", photos],
			["export", "plaim", "--to", "onnx"],
			["diff", run, "plaim"],
			["reproduce", "plaim"],
			["report", "plaim"],
		]) {
			const ended = await json(...args);
			assert.equal(ended.code, 2);
			assert.equal(said(ended).code, "unknown-run");
			assert.match(String(said(ended).fix), /did you mean plain-/);
		}
		mkdirSync(join(runs, "deleted-0"));
		assert.equal(said(await json("report", "deleted-0")).code, "unknown-run");
	});

	await t.test("a sweep where one run is meant names its best", async () => {
		const id = swept.sweep_id ?? swept.run_id;
		for (const args of [
			["predict", id, photos],
			["export", id, "--to", "onnx"],
			["diff", id, run],
			["reproduce", id],
		]) {
			const ended = await json(...args);
			assert.equal(said(ended).code, "run-is-sweep", ended.stdout);
			assert.match(String(said(ended).fix), /the best is graft/);
		}
	});

	await t.test("a run that failed or was killed", async () => {
		const failed = copied("failed-1", (journal) =>
			journal.replace(
				'"status":"FINISHED"',
				'"status":"FAILED","error":{"code":"diverged","message":"x"}',
			),
		);
		const killed = copied("killed-2", (journal) =>
			journal.replace(/.*"type":"end".*\n/, ""),
		);
		for (const [id, fix] of [
			[failed, /graft ls/],
			[killed, /graft run --resume killed-2/],
		] as const) {
			for (const args of [
				["predict", id, photos],
				["export", id, "--to", "onnx"],
				["reproduce", id],
			]) {
				const ended = await json(...args);
				assert.equal(ended.code, 1);
				assert.equal(said(ended).code, "run-not-finished");
				assert.match(String(said(ended).fix), fix);
			}
			const page = JSON.parse((await json("report", id)).stdout);
			assert.match(page.no_heat, /FAILED: it left no network/);
		}
	});

	await t.test("files of a run that it has not written so", async () => {
		const head = (id: string) => join(runs, id, "head.safetensors");
		const torn = copied("torn-3", same);
		writeFileSync(head(torn), readFileSync(head(torn)).subarray(0, 100));
		const other = copied("other-4", same);
		const bytes = readFileSync(head(other));
		bytes[bytes.length - 1] ^= 1;
		writeFileSync(head(other), bytes);
		const edited = copied("edited-5", same);
		const file = join(runs, edited, "experiment.yaml");
		const yaml = readFileSync(file, "utf8");
		writeFileSync(file, yaml.replace(/64, 64/g, "96, 96"));
		for (const [id, code] of [
			[torn, "weights-unreadable"],
			[other, "weights-changed"],
			[edited, "run-changed"],
		] as const) {
			const ended = await json("predict", id, photos);
			assert.equal(said(ended).code, code);
			assert.ok(said(ended).fix);
			const page = await json("report", id, "--no-checks");
			assert.equal(page.code, 0, page.stderr);
			assert.equal(JSON.parse(page.stdout).heat_maps, 0);
			assert.ok(JSON.parse(page.stdout).no_heat.includes(id));
		}
		assert.equal(said(await json("reproduce", edited)).code, "run-changed");
		const lost = copied("lost-6", same);
		writeFileSync(join(runs, lost, "predictions.jsonl"), "{}\n");
		for (const args of [
			["report", lost],
			["diff", lost, run],
		])
			assert.equal(said(await json(...args)).code, "predictions-damaged");
	});

	await t.test("photos of every odd kind are said or left out", async () => {
		const odd = join(folder, "odd");
		mkdirSync(odd);
		const [name = ""] = readdirSync(join(photos, "valid", "bird"));
		const bytes = readFileSync(join(photos, "valid", "bird", name));
		const put = (file: string, content: string | Uint8Array) =>
			writeFileSync(join(odd, file), content);
		put("empty.jpg", "");
		put("torn.jpg", bytes.subarray(0, bytes.length / 2));
		put("text.jpg", "no photo");
		put("apple.jpg", `\0\0\0\x18ftypheic\0\0\0\0mif1heic${"\0".repeat(99)}`);
		put("two\nlines.jpg", bytes);
		put("moving.gif", await sharp(bytes).gif().toBuffer());
		put("inks.jpg", await sharp(bytes).toColourspace("cmyk").jpeg().toBuffer());
		put(
			"one.png",
			await sharp(bytes).resize(1, 1, { fit: "fill" }).png().toBuffer(),
		);
		put(
			"long.png",
			await sharp(bytes).resize(30_000, 1, { fit: "fill" }).png().toBuffer(),
		);
		const ended = await json("predict", run, odd);
		assert.equal(ended.code, 0, ended.stderr);
		const { photos: told, corrupt } = JSON.parse(ended.stdout);
		const names = (list: readonly { path: string }[]) =>
			list.map(({ path }) => path.slice(odd.length + 1)).sort();
		assert.deepEqual(names(told), [
			"inks.jpg",
			"long.png",
			"moving.gif",
			"one.png",
			"two\nlines.jpg",
		]);
		assert.deepEqual(names(corrupt), [
			"apple.jpg",
			"empty.jpg",
			"text.jpg",
			"torn.jpg",
		]);
		for (const { reason } of corrupt) assert.ok(reason.length > 8);
		const plain = await graft(
			["predict", run, join(odd, "two\nlines.jpg")],
			env,
		);
		assert.match(plain.stdout, /two\\x0alines\.jpg/);

		const none = await json("predict", run, join(odd, "empty.jpg"));
		assert.equal(none.code, 1);
		assert.equal(JSON.parse(none.stdout).photos.length, 0);
		const unchecked = await json(
			...["export", run, "--to", "onnx", "--out", join(folder, "out")],
			join(odd, "text.jpg"),
		);
		assert.equal(said(unchecked).code, "export-no-photos");
		assert.equal(said(await json("predict", run, "")).code, "no-such-photo");
	});

	await t.test("options that cannot be had", async () => {
		const crops = await json("predict", run, photos, "--tta", "ten_crop");
		assert.equal(said(crops).code, "tta-needs-crop");
		const file = await json(
			"predict",
			run,
			photos,
			"--explain",
			photos.concat("/../plain.yaml"),
		);
		assert.equal(said(file).code, "bad-value");
		const compared = await json(
			"predict",
			"compared",
			photos,
			"--explain",
			join(folder, "no"),
		);
		assert.equal(said(compared).code, "no-heat-map");
		assert.match(
			(await graft(["report", run, "--noheat"], env)).stderr,
			/did you mean --no-heat/,
		);
		assert.equal(said(await json("lr", photos)).code, "folder-instead-of-file");
		assert.equal(
			said(
				await json(
					"report",
					run,
					"--no-heat",
					"--no-checks",
					"--out",
					join(folder, "plain.yaml", "x"),
				),
			).code,
			"out-not-writable",
		);
	});

	await t.test("where the photos are gone the page says so", async () => {
		renameSync(photos, `${photos}-away`);
		const ended = await json("report", run);
		assert.equal(ended.code, 0, ended.stderr);
		const { page, no_heat, heat_maps } = JSON.parse(ended.stdout);
		assert.equal(heat_maps, 0);
		assert.match(no_heat, /none of the photos is in .*photos any more/);
		assert.match(
			readFileSync(page, "utf8"),
			/No heat maps: none of the photos is in/,
		);
		assert.equal(said(await json("reproduce", run)).code, "no-such-folder");
		renameSync(`${photos}-away`, photos);
	});

	await t.test(
		"heat lies over the photos of the page, and is a file each for predict",
		async () => {
			const ended = await json("report", run);
			assert.equal(ended.code, 0, ended.stderr);
			const { page, heat_maps, method, checks } = JSON.parse(ended.stdout);
			assert.equal(heat_maps, 6);
			assert.match(method, /^Grad-CAM at _head_relu, 2 x 2 places$/);
			assert.ok(checks.length > 0);
			const html = readFileSync(page, "utf8");
			assert.ok(html.includes("data:image/png;base64,"));
			assert.ok(html.includes("Grad-CAM at _head_relu"));
			const before = readFileSync(page);
			rmSync(page);
			await json("report", run);
			assert.deepEqual(
				readFileSync(page),
				before,
				"the same run, the same page",
			);
			const plain = await json("report", run, "--no-heat", "--no-checks");
			assert.equal(JSON.parse(plain.stdout).heat_maps, 0);
			assert.ok(statSync(page).size < before.length);

			const heat = join(folder, "heat");
			const told = await json(
				...["predict", run, join(photos, "valid"), "--explain", heat],
			);
			assert.equal(told.code, 0, told.stderr);
			const files = JSON.parse(told.stdout).photos.map(
				(photo: { heat: string }) => photo.heat,
			);
			assert.equal(new Set(files).size, 6);
			for (const file of files) {
				const { width, height, format } = await sharp(file).metadata();
				assert.deepEqual([width, height, format], [64, 64, "png"]);
			}
		},
	);
});
