import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { type Ended, envFor, folderFor, graft } from "../support/graft.ts";
import { smallExperiment, smallPhotos } from "../support/small-photos.ts";

/** `graft gate` where the world or the user is unkind: every answer is one JSON value, and names what to do. */

function codeOf({ stdout }: Ended): string {
	const said = JSON.parse(stdout);
	return Array.isArray(said) ? said[0].code : said.error.code;
}

test("odd operands, places that cannot be written, damaged baselines", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	const photos = smallPhotos(folder, { train: 4, valid: 2, test: 2 });
	const file = smallExperiment(folder, photos, {
		rest: "gate: { seeds: 2 }\nsweep: { grid: { seed: [7, 8] } }",
	});
	const baseline = join(folder, "small.baseline.json");
	const gate = (...args: string[]) =>
		graft(["gate", ...args, "--format", "json"], env);

	await t.test("a place that cannot be written is said first", async () => {
		mkdirSync(baseline);
		const folderThere = await gate(file, "--update");
		assert.equal(folderThere.code, 1);
		assert.equal(codeOf(folderThere), "baseline-not-writable");
		assert.doesNotMatch(folderThere.stderr, /^run /m);
		rmSync(baseline, { recursive: true });
	});

	await t.test("a sweep in the file is left out, and said so", async () => {
		const made = await gate(file, "--update");
		assert.equal(made.code, 0, made.stderr);
		assert.match(made.stderr, /sweep-left-out/);
	});

	await t.test(
		"a damaged baseline is written anew where a reason is given",
		async () => {
			writeFileSync(baseline, "<<<<<<< HEAD\n");
			for (const args of [[], ["--update"]])
				assert.equal(codeOf(await gate(file, ...args)), "bad-baseline");
			const mended = await gate(file, "--update", "--reason", "a conflict");
			assert.equal(mended.code, 0, mended.stderr);
			assert.match(mended.stderr, /is damaged: it is written anew/);
			const { history } = JSON.parse(readFileSync(baseline, "utf8"));
			assert.equal(history[0].reason, "a conflict");
		},
	);

	await t.test(
		"reports that cannot be written take nothing from the verdict",
		async () => {
			const nowhere = join(file, "nowhere");
			const ended = await graft(
				["gate", file, "--format", "json", "--junit", nowhere],
				{ ...env, GITHUB_STEP_SUMMARY: nowhere },
			);
			assert.equal(JSON.parse(ended.stdout).status, "pass");
			assert.equal(ended.code, 1);
			assert.match(ended.stderr, /error out-not-writable/);
			assert.match(ended.stderr, /warning step-summary/);
			const summary = await graft(["gate", file, "--format", "json"], {
				...env,
				GITHUB_STEP_SUMMARY: nowhere,
			});
			assert.equal(summary.code, 0, "GitHub's own place is no failure of ours");
		},
	);

	await t.test("a run that fails is one JSON value", async () => {
		const photo = join(photos, "valid", "bird", "broken.jpg");
		writeFileSync(photo, "no photo");
		const failed = await gate(file);
		rmSync(photo);
		assert.equal(failed.code, 1);
		assert.equal(codeOf(failed), "corrupt-photo");
		assert.match(failed.stderr, /\n {2}valid\/bird\/broken\.jpg: it is not/);
	});

	await t.test("Ctrl-C: exit 130, one JSON value, KILLED runs", async () => {
		const before = readFileSync(baseline, "utf8");
		const ended = await graft(
			["gate", file, "--update", "--reason", "x", "--format", "json"],
			env,
			(stderr, kill) => {
				if (/^run /m.test(stderr)) kill("SIGINT");
			},
		);
		assert.equal(ended.code, 130);
		assert.equal(codeOf(ended), "killed");
		assert.equal(readFileSync(baseline, "utf8"), before);
		const runs = JSON.parse(
			(await graft(["ls", "--format", "json"], env)).stdout,
		);
		assert.match(JSON.stringify(runs), /"KILLED"/);
	});

	await t.test("a sweep is no run, a run takes no --set", async () => {
		const swept = await graft(["run", file], env);
		assert.equal(swept.code, 0, swept.stderr);
		for (const verb of ["gate", "finalize"]) {
			const sweep = await graft([verb, "latest", "--format", "json"], env);
			assert.equal(sweep.code, 2);
			assert.equal(codeOf(sweep), "run-is-sweep");
			assert.match(
				sweep.stdout,
				new RegExp(`the best is graft ${verb} small-`),
			);
		}
		assert.equal(codeOf(await gate("small-", "--set", "seed=1")), "gate-run");
		assert.equal(codeOf(await gate(file, "--reason", "x")), "gate-reason");
	});
});
