import assert from "node:assert/strict";
import test from "node:test";
import { temporaryFolder } from "./support.ts";
import { HEAD, loadSection, sweepFaults } from "./sweep-support.ts";

const folder = temporaryFolder();

/** The code, what in the text it points at, and what is proposed. */
function said(section: string): readonly string[] {
	return sweepFaults(folder, section).map(
		({ code, range, suggestion, source = "" }) => {
			const [from = 1, to = 1] = [range?.column, range?.endColumn];
			const place = source.slice(from - 1, to - 1);
			return `${code} ${place}${suggestion === undefined ? "" : ` → ${suggestion}`}`;
		},
	);
}

/** Section → what is said of it, in order. */
const HOSTILE: Readonly<Record<string, readonly string[]>> = {
	"{ grid: { train.learning_rate: [] } }": ["bad-value []"],
	"{ grid: {} }": ["axis-empty grid"],
	"{}": ["missing-key {}"],
	"[1, 2]": ["wrong-type [1, 2]"],
	"{ list: [{}] }": ["axis-empty {}"],
	"{ zip: {} }": ["axis-empty zip"],
	"{ random: { trials: 3, space: {} } }": ["axis-empty space"],
	"{ random: { space: { train.epochs: { integer: [1, 3] } } } }": [
		"missing-key { space: { train.epochs: { integer: [1, 3] } } }",
	],
	"{ grid: { train.learning_rate: { a: 1 } } }": ["axis-key { a: 1 }"],
	"{ grid: { train.learning_rate: 0.1 } }": ["wrong-type 0.1"],
	"{ grid: { train: { learning_rate: [0.1, 0.2] } } }": [
		"axis-key { learning_rate: [0.1, 0.2] }",
	],
	"{ grid: { train.learnin_rate: [0.1, 0.2] } }": [
		"unknown-key learnin_rate → learning_rate",
	],
	'{ grid: { "train.learnin_rate": [0.1, 0.2] } }': [
		"unknown-key learnin_rate → learning_rate",
	],
	"{ grid: { trian.learning_rate: [0.1] } }": ["unknown-key trian → train"],
	"{ gird: { train.learning_rate: [0.1] } }": ["unknown-key gird → grid"],
	"{ grid: { train.learning_rate: [0.1, -1, fast] } }": [
		"bad-value -1",
		"wrong-type fast",
	],
	"{ grid: { train.learning_rate: [.nan, .inf] } }": [
		"bad-value .nan",
		"bad-value .inf",
	],
	"{ grid: { train.optimizer: [sgd, adma] } }": ["bad-value adma → adam"],
	"{ grid: { name: [a, b] } }": ["axis-key name"],
	"{ grid: { sweep: [{}] } }": ["axis-key sweep"],
	"{ grid: { sweep.seeds: [1, 2] } }": ["axis-key sweep.seeds"],
	"{ grid: { extends: [a.yaml] } }": ["axis-key extends"],
	"{ grid: { train..epochs: [1] } }": ["axis-key train..epochs"],
	"{ grid: { train.epochs=3: [1] } }": ["axis-key train.epochs=3"],
	"{ seeds: 0 }": ["bad-value 0"],
	"{ seeds: 2.5 }": ["bad-value 2.5"],
	"{ seeds: [1, 2] }": ["wrong-type [1, 2]"],
	"{ grid: { seed: [1, 2] }, seeds: 2 }": ["axis-twice seed"],
	"{ zip: { train.epochs: [1, 2], train.batch_size: [8] } }": [
		"axis-lengths train.batch_size",
	],
	"{ grid: { train.epochs: [1, 2] }, list: [{ train.epochs: 3 }] }": [
		"axis-twice train.epochs",
	],
	"{ grid: { train.epochs: [1, 2] }, random: { trials: 2, space: { train.epochs: { integer: [1, 9] } } } }":
		["axis-twice train.epochs"],
	"{ random: { trials: 3, space: { train.learning_rate: { uniform: [.nan, 1] } } } }":
		["bad-value .nan"],
	"{ random: { trials: 3, space: { train.learning_rate: { log_uniform: [0, 1] } } } }":
		["axis-bounds 0"],
	"{ random: { trials: 3, space: { train.learning_rate: { log_uniform: [1, 0.1] } } } }":
		["axis-bounds [1, 0.1]"],
	"{ random: { trials: 3, space: { train.learning_rate: { uniform: [0.1, 0.1] } } } }":
		["axis-bounds [0.1, 0.1]"],
	"{ random: { trials: 3, space: { train.learning_rate: { lognormal: [0, 1] } } } }":
		["unknown-key lognormal"],
	"{ random: { trials: 3, space: { train.learning_rate: { uniform: [-1, 1] } } } }":
		["bad-value { uniform: [-1, 1] }"],
	"{ random: { trials: 3, space: { train.epochs: { uniform: [1, 3] } } } }": [
		"bad-value { uniform: [1, 3] }",
	],
	"{ random: { trials: 0, space: { train.epochs: { integer: [1, 3] } } } }": [
		"bad-value 0",
	],
	"{ grid: { train.optimizer: [sgd, adam], train.optimizer.sgd.momentum: [0, 0.9] } }":
		["axis-conflict train.optimizer.sgd.momentum"],
	"{ grid: { train.epochs: [1, 2] }, when: [{ match: { train.epoch: 1 }, grid: { train.batch_size: [4, 8] } }] }":
		["axis-match train.epoch → train.epochs"],
	"{ grid: { train.optimizer: [sgd, adam] }, when: [{ match: { train.optimizer: adan }, grid: { train.epochs: [4, 8] } }] }":
		["bad-value adan → adam"],
	"{ grid: { train.epochs: [1, 2] }, when: [{ match: { train.epochs: 1 } }] }":
		["missing-key { match: { train.epochs: 1 } }"],
	"{ grid: { train.epochs: [1, 2] }, exclude: [{ train.epochs: [1, 2] }] }": [
		"no-trials { train.epochs: [1, 2] }",
	],
	"{ grid: { train.learning_rate: [{ name: a, value: 1 }, { name: a, value: 2 }] } }":
		["axis-names 2"],
	"{ grid: { train.learning_rate: [{ nmae: a, value: 1 }] } }": [
		"unknown-key nmae → name",
	],
	"{ grid: { transforms.7.Resize: [224, 256] } }": ["axis-key 7"],
	"{ seeds: 2, objective: valid/acuracy }": [
		"bad-value valid/acuracy → valid/accuracy",
	],
	"{ seeds: 2, pruner: hyperband }": ["bad-value hyperband → asha"],
	"{ seeds: 2, launcher: slrum }": ["bad-value slrum → slurm"],
	"{ seeds: 2, launcher: { local: { worker: 2 } } }": [
		"unknown-key worker → workers",
	],
	"{ seeds: 2, on_failure: { stop_after: 0 } }": ["bad-value 0"],
	"{ seeds: 2, retries: -1 }": ["bad-value -1"],
};

for (const [section, expected] of Object.entries(HOSTILE))
	test(`sweep: ${section} is refused at its place`, () => {
		assert.deepEqual(said(section), expected);
		assert.equal(loadSection(folder, section).ok, false);
	});

test("ten million combinations are refused with their number, before any is built", () => {
	const values = `[${Array.from({ length: 100 }, (_, index) => index + 1)}]`;
	const section = `{ grid: { train.epochs: ${values}, train.batch_size: ${values}, data.split.seed: ${values} }, seeds: 10 }`;
	const [found] = sweepFaults(folder, section);
	assert.equal(found?.code, "too-many-trials");
	assert.match(found?.message ?? "", /10,000,000 trials/);
	assert.match(
		found?.reason ?? "",
		/100 of train\.epochs x 100 of train\.batch_size x 100 of data\.split\.seed x 10 seeds/,
	);
	assert.match(found?.fix ?? "", /random|sobol/);
});

test("a rule that a combination breaks is said once, with how many trials and which values", () => {
	const found = sweepFaults(
		folder,
		"{ grid: { train.learning_rate: [0.1, 0.2, 0.3], train.optimizer.sgd.momentum: [0, 0.9], train.optimizer.sgd.nesterov: [false, true] } }",
	);
	assert.deepEqual(
		found.map(({ code, range }) => [code, range?.line, range?.column]),
		[["nesterov-needs-momentum", 4, 134]],
	);
	assert.match(
		found[0]?.reason ?? "",
		/3 of 12 trials have it, those with train\.optimizer\.sgd\.momentum: 0 and train\.optimizer\.sgd\.nesterov: true$/,
	);
});

test("a rule that every trial breaks is said as of a file that is no sweep", () => {
	const [found] = sweepFaults(
		folder,
		"{ grid: { train.learning_rate: [0.1, 0.2] } }",
		["train.loss=nll"],
	);
	assert.equal(found?.code, "nll-needs-log-softmax");
	assert.doesNotMatch(found?.reason ?? "", /trials/);
});

test("mistakes of the file, of the section and of values are said together", () => {
	const head = HEAD.replace("epochs: 3", "epocs: 3");
	const found = sweepFaults(
		folder,
		"{ grid: { train.learning_rate: [fast], train.batch_size: [8] }, seeds: 0, prunr: asha }",
		[],
		head,
	);
	assert.deepEqual(
		found.map(({ code, suggestion }) => [code, suggestion]),
		[
			["unknown-key", "epochs"],
			["wrong-type", undefined],
			["bad-value", undefined],
			["unknown-key", "pruner"],
		],
	);
});

test("an axis given on the command line without quotes is told how", () => {
	const [found] = sweepFaults(folder, "{ seeds: 2 }", [
		"sweep.grid.train.learning_rate=[0.1, 0.2]",
	]);
	assert.deepEqual([found?.code, found?.file], ["axis-key", "--set"]);
	assert.match(found?.fix ?? "", /"train\.learning_rate"=/);
});

test("a misspelt key of an axis is always caught, and rightly named in 95 of 100 cases", () => {
	const keys = [
		"train.learning_rate",
		"train.batch_size",
		"train.epochs",
		"train.optimizer",
		"train.optimizer.sgd.momentum",
		"train.optimizer.sgd.weight_decay",
		"model.backbone",
		"model.freeze",
		"model.global_pool",
		"data.on_corrupt",
		"transforms.0.Resize.interpolation",
	];
	const wrong: string[] = [];
	let tried = 0;
	for (const key of keys) {
		const names = key.split(".");
		const name = names.at(-1) ?? "";
		const start = key.length - name.length;
		for (let at = 0; at < name.length; at++) {
			const slip = name.slice(0, at) + name.slice(at + 1);
			tried++;
			const found = sweepFaults(
				folder,
				`{ grid: { ${key.slice(0, start)}${slip}: [1] } }`,
			).find(({ code }) => code === "unknown-key");
			assert.equal(found?.range?.column, 18 + start, `${key}: ${slip}`);
			if (found?.suggestion !== name)
				wrong.push(`${slip} → ${found?.suggestion}`);
		}
	}
	assert.ok(tried > 100);
	assert.ok(wrong.length / tried <= 0.05, wrong.join("; "));
});
