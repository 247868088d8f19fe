import assert from "node:assert/strict";
import {
	existsSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { random } from "../../src/random.ts";
import {
	readState,
	stateFiles,
	writeState,
} from "../../src/runs/checkpoints/state-file.ts";
import { readRun } from "../../src/runs/record.ts";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	root,
} from "../support/graft.ts";

/** Everything that a state must hold: Dropout, Adam's moments, an average, a plateau, early stopping, two checkpoints. */
const TRAIN = {
	head: { mlp: { hidden: 128, dropout: 0.3 } },
	train: {
		optimizer: { adamw: { weight_decay: 0.01 } },
		...{ learning_rate: 0.003, epochs: 24, batch_size: 16, log: "step" },
		schedule: {
			reduce_on_plateau: { patience: 0, threshold: 0.3, monitor: "train/loss" },
		},
		ema: { decay: 0.9 },
		early_stopping: { patience: 23 },
		checkpoints: { keep: 2, every_steps: 2 },
	},
};

function fileIn(folder: string, train: object = {}): string {
	const experiment = {
		extends: join(root, "experiments", "resize.yaml"),
		...{ name: "kill", model: { head: TRAIN.head } },
		train: { ...TRAIN.train, ...train },
	};
	return experimentIn(folder, JSON.stringify(experiment));
}

/** What a run came to, without the times. */
function courseOf(folder: string) {
	const { epochs, metrics, steps, stop, artifacts, status } = readRun(folder);
	const bytes = (name: string) => readFileSync(join(folder, name), "base64");
	return {
		...{ status, epochs, steps, stop },
		metrics: metrics.map(({ key, value, step }) => ({ key, value, step })),
		head: bytes("head.safetensors"),
		predictions: bytes("predictions.jsonl"),
		kept: readdirSync(join(folder, "checkpoints"))
			.sort()
			.map((name) => [name, bytes(join("checkpoints", name))]),
		artifacts: artifacts
			.filter(({ path }) => !/html|yaml|plan/.test(path))
			.map(({ path, sha256, step }) => `${path} ${sha256} ${step}`)
			.sort(),
	};
}

/** Runs until it is killed, so many milliseconds after stderr has said something. */
async function killedAfter(
	args: readonly string[],
	folder: string,
	ms: number,
	said = /features +\d+ computed/,
): Promise<void> {
	let isMeant = false;
	const ended = await graft(
		["run", ...args],
		envFor(folder),
		(stderr, kill) => {
			if (isMeant || !said.test(stderr)) return;
			isMeant = true;
			setTimeout(() => kill("SIGKILL"), ms);
		},
	);
	assert.ok(isMeant, ended.stderr);
}

/** The same on photos that are drawn anew each epoch: no row of theirs is kept. */
function drawnIn(folder: string): string {
	const experiment = {
		extends: join(root, "experiments", "resize.yaml"),
		...{ name: "drawn", model: { head: TRAIN.head } },
		transforms: {
			train: [{ RandomResizedCrop: 64 }, "ToTensor", "Normalize"],
			eval: [{ Resize: { size: [64, 64] } }, "ToTensor", "Normalize"],
		},
		train: { ...TRAIN.train, ...{ epochs: 3, sampling: "class_balanced" } },
	};
	return experimentIn(folder, JSON.stringify(experiment));
}

function soleRun(folder: string): string {
	const [id = "", ...others] = readdirSync(join(folder, "runs"));
	assert.deepEqual(others, []);
	return id;
}

/** Of a run that was never disturbed. */
let undisturbed: Promise<ReturnType<typeof courseOf>> | undefined;

function wholeCourse(context: TestContext) {
	const run = async () => {
		const folder = folderFor(context);
		const ended = await graft(["run", fileIn(folder)], envFor(folder));
		assert.equal(ended.code, 0, ended.stderr);
		return courseOf(join(folder, "runs", soleRun(folder)));
	};
	undisturbed ??= run();
	return undisturbed;
}

test("a run that is killed ten times, whenever, and gone on with comes to the bytes of one that never was", async (context) => {
	const whole = await wholeCourse(context);
	const folder = folderFor(context);
	const { uniform } = random(8, "kills");
	// However slow the machine, there is a state to go on from.
	await killedAfter([fileIn(folder)], folder, 0, /epoch +2\//);
	const id = soleRun(folder);
	for (let kill = 1; kill < 10; kill++)
		await killedAfter(["--resume", id], folder, 150 * uniform());
	const ended = await graft(["run", "--resume", id], envFor(folder));
	assert.equal(ended.code, 0, ended.stderr);
	assert.match(ended.stderr, /goes on in epoch \d+, after step \d+/);
	assert.equal(soleRun(folder), id);
	assert.deepEqual(courseOf(join(folder, "runs", id)), whole);

	const again = await graft(["run", "--resume", id], envFor(folder));
	assert.equal(again.code, 0);
	assert.match(again.stderr, /has finished: nothing is left to do/);
	assert.deepEqual(stateFiles(join(folder, "runs", id)), []);
	const listed = await graft(["ls", "--format", "json"], envFor(folder));
	const runs = JSON.parse(listed.stdout) as { status: string }[];
	assert.deepEqual(
		runs.map(({ status }) => status),
		["FINISHED"],
	);
});

test("a damaged or foreign state is refused by name and passed over by the run, which takes an older one", async (context) => {
	const whole = await wholeCourse(context);
	const folder = folderFor(context);
	await killedAfter([fileIn(folder)], folder, 0, /epoch +2\//);
	const id = soleRun(folder);
	const run = join(folder, "runs", id);
	const env = envFor(folder);
	const [newest = "", older = ""] = stateFiles(run);
	assert.ok(older !== "", "two states are there");
	const bytes = readFileSync(newest);
	bytes[bytes.length - 9] = (bytes[bytes.length - 9] as number) ^ 1;
	writeFileSync(newest, bytes);
	const damaged = await graft(["run", "--resume", newest], env);
	assert.equal(damaged.code, 1);
	assert.match(damaged.stderr, /error checkpoint-damaged: .*state-\d+/);

	const { state, mark } = await readState(older);
	const foreign = join(run, "checkpoints", "state-999999999.safetensors");
	writeState(folder, state, { ...mark, fingerprint: "0", runId: "other" });
	renameSync(stateFiles(folder)[0] as string, foreign);
	const refused = await graft(["run", "--resume", foreign], env);
	assert.equal(refused.code, 1);
	assert.match(refused.stderr, /error checkpoint-foreign: .* of run other/);

	// What a kill in the middle of a write leaves.
	const unfinished = `${newest}.1.tmp`;
	writeFileSync(unfinished, bytes.subarray(0, 1000));
	const ended = await graft(["run", "--resume", "latest"], env);
	assert.equal(ended.code, 0, ended.stderr);
	assert.equal(ended.stderr.match(/warning checkpoint-/g)?.length, 2);
	const step = Number(/state-(\d+)/.exec(older)?.[1]);
	assert.match(ended.stderr, new RegExp(`after step ${step}\n`));
	assert.equal(existsSync(unfinished), false);
	assert.deepEqual(courseOf(run), whole);
});

test("what has no state goes on from the start, on features that are there, and journals no epoch twice", async (context) => {
	const folder = folderFor(context);
	await killedAfter([fileIn(folder)], folder, 0, /epoch +2\//);
	const run = join(folder, "runs", soleRun(folder));
	const before = readRun(run);
	assert.ok(before.epochs.length > 0);
	rmSync(join(run, "checkpoints"), { recursive: true });
	const ended = await graft(["run", "--resume", run], envFor(folder));
	assert.equal(ended.code, 0, ended.stderr);
	assert.match(ended.stderr, /had kept no state: it trains from the start/);
	assert.deepEqual(courseOf(run), await wholeCourse(context));
});

test("a run whose photos are drawn batch by batch, killed within an epoch, comes to the same bytes", async (context) => {
	const [calm, folder] = [folderFor(context), folderFor(context)];
	const undisturbed = await graft(["run", drawnIn(calm)], envFor(calm));
	assert.equal(undisturbed.code, 0, undisturbed.stderr);
	assert.match(undisturbed.stderr, /104 train photos drawn anew each epoch/);
	// Seven steps an epoch, a state after each second.
	await killedAfter([drawnIn(folder)], folder, 0, /epoch +1\/3/);
	const run = join(folder, "runs", soleRun(folder));
	const ended = await graft(["run", "--resume", run], envFor(folder));
	assert.equal(ended.code, 0, ended.stderr);
	assert.match(
		ended.stderr,
		/goes on in epoch \d, after step (6|8|10|12|14)\n/,
	);
	const whole = join(calm, "runs", soleRun(calm));
	assert.deepEqual(courseOf(run), courseOf(whole));
});
