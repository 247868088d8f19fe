import assert from "node:assert/strict";
import {
	cpSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test from "node:test";
import {
	type Ended,
	envFor,
	experimentIn,
	folderFor,
	graft,
	tuxpaint,
} from "../support/graft.ts";

/** `graft gate` on the embedded photos: red where a change lowers the accuracy, green for every other seed. */

const GOOD = `data: { root: ${JSON.stringify(tuxpaint)} }
transforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0 }
train: { optimizer: adam, learning_rate: 0.002, epochs: 6, batch_size: 64 }
`;

interface Said {
	readonly status: string;
	readonly checks: readonly {
		readonly name: string;
		readonly baseline: number | null;
		readonly current: number | null;
		readonly allowed: number | null;
		readonly p_value: number | null;
		readonly status: string;
	}[];
	readonly flipped: readonly string[];
}

/** Each class's photos go to the next class. */
function shuffleLabels(train: string): void {
	const classes = readdirSync(train).sort();
	for (const [index, name] of classes.entries())
		renameSync(join(train, name), join(train, `moving-${index}`));
	for (const [index] of classes.entries()) {
		const next = classes[(index + 1) % classes.length] as string;
		renameSync(join(train, `moving-${index}`), join(train, next));
	}
}

/** Of each class every tenth photo, the first for certain. */
function keepTenth(train: string): void {
	for (const name of readdirSync(train))
		for (const [index, file] of readdirSync(join(train, name)).sort().entries())
			if (index % 10 !== 0) rmSync(join(train, name, file));
}

function saidBy({ stdout, stderr }: Ended): Said {
	assert.notEqual(stdout, "", stderr);
	return JSON.parse(stdout) as Said;
}

test("a baseline is made once, other seeds pass, worse experiments go red", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	const file = experimentIn(folder, GOOD, "e.yaml");
	const gate = (...args: string[]) =>
		graft(["gate", file, "--format", "json", ...args], env);

	await t.test("without a baseline: exit 2 and what to do", async () => {
		const none = await gate();
		assert.equal(none.code, 2);
		assert.deepEqual(saidBy(none), {
			status: "no_baseline",
			checks: [],
			flipped: [],
		});
		assert.match(none.stderr, /graft gate .*e\.yaml --update/);
	});

	await t.test(
		"--update writes it beside the file; later only with a reason",
		async () => {
			assert.equal((await gate("--update")).code, 0);
			const baseline = JSON.parse(
				readFileSync(join(folder, "e.baseline.json"), "utf8"),
			);
			assert.equal(baseline.seeds.length, 3);
			assert.equal(baseline.photos.length, 43);
			const again = await gate("--update");
			assert.equal(again.code, 2);
			assert.match(again.stdout, /gate-reason/);
			assert.equal((await gate("--update", "--reason", "tried")).code, 0);
			const next = JSON.parse(
				readFileSync(join(folder, "e.baseline.json"), "utf8"),
			);
			assert.deepEqual(
				next.history.map(({ reason }: { reason: string }) => reason),
				["first baseline", "tried"],
			);
		},
	);

	await t.test("the same experiment passes, with nothing flipped", async () => {
		const same = await gate();
		assert.equal(same.code, 0, same.stderr);
		const { status, checks, flipped } = saidBy(same);
		assert.equal(status, "pass");
		assert.deepEqual(flipped, []);
		const [check] = checks;
		assert.equal(check?.name, "valid/accuracy");
		assert.equal(check?.baseline, check?.current);
	});

	await t.test("ten other seeds pass", async () => {
		for (let seed = 10; seed < 40; seed += 3) {
			const other = await gate("--set", `seed=${seed}`);
			assert.equal(other.code, 0, other.stdout + other.stderr);
		}
	});

	await t.test(
		"wrong normalization goes red and names the photos",
		async () => {
			const worse = experimentIn(
				folder,
				GOOD.replace(
					"ToTensor, Normalize",
					"ToTensor, { Normalize: { mean: [-3, -3, -3], std: [1, 1, 1], override: true } }",
				),
				"e.yaml",
			);
			const red = await gate();
			writeFileSync(worse, GOOD);
			assert.equal(red.code, 3, red.stdout + red.stderr);
			const { status, flipped, checks } = saidBy(red);
			assert.equal(status, "fail");
			assert.ok(flipped.length > 3);
			assert.ok(flipped.every((path) => path.startsWith("valid/")));
			assert.ok((checks[0]?.p_value ?? 1) < 0.01);
		},
	);

	await t.test(
		"shuffled labels go red, and so does a tenth of the photos",
		async () => {
			for (const [name, spoil] of [
				["shuffled", shuffleLabels],
				["tenth", keepTenth],
			] as const) {
				const photos = join(folder, name);
				cpSync(tuxpaint, photos, { recursive: true });
				spoil(join(photos, "train"));
				const red = await gate("--set", `data.root=${photos}`);
				assert.equal(red.code, 3, name + red.stdout + red.stderr);
				assert.ok(saidBy(red).flipped.length > 3, name);
			}
		},
	);

	await t.test(
		"a run alone is held against the baseline; floors and reports",
		async () => {
			const junit = join(folder, "gate.xml");
			const markdown = join(folder, "gate.md");
			writeFileSync(
				file,
				`${GOOD}gate: { floor: 0.999, class_floor: { bird: 0.1 } }\n`,
			);
			assert.equal((await graft(["run", file], env)).code, 0);
			const ended = await graft(
				["gate", "latest", "--junit", junit, "--markdown", markdown],
				{ ...env, GITHUB_ACTIONS: "true" },
			);
			assert.equal(ended.code, 3, ended.stderr);
			assert.match(ended.stdout, /FELL +floor valid\/accuracy/);
			assert.match(ended.stdout, /ok +floor bird/);
			assert.match(
				ended.stderr,
				/^::error file=.*e\.yaml,line=\d+,title=accuracy gate%3A floor/m,
			);
			assert.match(readFileSync(junit, "utf8"), /failures="1"/);
			assert.match(
				readFileSync(markdown, "utf8"),
				/Accuracy gate of e: failed/,
			);
		},
	);

	await t.test("mistakes are said before anything runs", async () => {
		for (const [gateText, code] of [
			["{ class_floor: { brid: 0.5 } }", "unknown-class"],
			["{ class_floor: { __proto__: 0.5 } }", "unknown-class"],
			["{ floor: { valid/loss: 0.5 } }", "floor-direction"],
			["{ floor: { valid/brier: 0.5 } }", "floor-direction"],
			["{ floor: { acuracy: 0.5 } }", "unknown-metric"],
			["{ floor: { constructor: 0.5 } }", "unknown-metric"],
			["{ floor: { valid/accuracy_tta: 0.5 } }", "unknown-metric"],
			["{ seeds: 0 }", "bad-value"],
			["{ baselin: a.json }", "unknown-key"],
		] as const) {
			writeFileSync(file, `${GOOD}gate: ${gateText}\n`);
			const wrong = await gate();
			assert.equal(wrong.code, 2, gateText);
			assert.match(wrong.stdout, new RegExp(code), gateText);
			assert.match(wrong.stdout, /"line": 5/, gateText);
		}
		writeFileSync(file, GOOD);
		writeFileSync(join(folder, "e.baseline.json"), "<<<<<<< HEAD\n");
		const broken = await gate();
		assert.equal(broken.code, 2);
		assert.match(broken.stdout, /bad-baseline/);
	});
});
