import assert from "node:assert/strict";
import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, type TestContext } from "node:test";
import { inspect } from "node:util";
import { openTfjs } from "../src/engine/backend.ts";
import type { TrainOptions } from "../src/experiment/types.ts";
import { type Prepared, prepare } from "../src/prepare.ts";
import { runExperiment } from "../src/run.ts";
import {
	runStacked,
	type StackedListener,
	type StackedTrial,
} from "../src/run-stacked.ts";
import { readPredictions } from "../src/runs/predictions.ts";
import { readRun } from "../src/runs/record.ts";
import { stackKeyOf } from "../src/train/stacked/stack-key.ts";
import { experimentIn, folderFor, tuxpaint } from "./support/graft.ts";

/** Photos of 32 x 32 pixels: the network is quick, and the story is the same. */
function fileIn(folder: string): string {
	return experimentIn(
		folder,
		`name: stacked
data: { root: ${JSON.stringify(tuxpaint)} }
transforms:
  - Resize: { size: [32, 32] }
  - ToTensor
  - Normalize
model: { backbone: efficientnet_lite0, freeze: all, head: linear }
train: { loss: cross_entropy, optimizer: sgd, learning_rate: 0.05, epochs: 3, batch_size: 32 }
`,
	);
}

async function prepared(
	folder: string,
	sets: readonly string[] = [],
): Promise<Prepared> {
	const found = await prepare(fileIn(folder), {
		sets,
		cacheFolder: join(folder, "cache"),
		hash: true,
		missing: "error",
	});
	assert.ok(found.ok);
	return found.value;
}

function variant(
	base: Prepared,
	train: Partial<TrainOptions>,
	seed = 0,
): Prepared {
	const { experiment } = base.loaded;
	return {
		...base,
		loaded: {
			...base.loaded,
			experiment: {
				...experiment,
				seed,
				train: { ...experiment.train, ...train },
			},
		},
	};
}

const SILENT: StackedListener = {
	onFeatures: () => undefined,
	onRows: () => undefined,
	onStart: () => undefined,
	onEpoch: () => undefined,
	onEnd: () => undefined,
	onWarning: () => undefined,
};

function optionsIn(
	folder: string,
	signal = new AbortController().signal,
	listener: Partial<StackedListener> = {},
	cacheFolder = join(kept, "cache"),
) {
	return {
		runsFolder: join(folder, "runs"),
		cacheFolder,
		argv: ["run"],
		startedAt: performance.now(),
		signal,
		listener: { ...SILENT, ...listener },
	};
}

/** All tests read the rows that the first one extracts. */
const kept = mkdtempSync(join(tmpdir(), "graft-test-"));
after(() => rmSync(kept, { recursive: true, force: true }));
const shared = prepared(kept);

async function stackOf(context: TestContext) {
	return { folder: folderFor(context), base: await shared };
}

test("each trial of a stack has the record of a run of its own, with the same numbers", async (context) => {
	const { folder, base } = await stackOf(context);
	const variants = [
		variant(base, {}),
		variant(base, { learning_rate: 0.005, epochs: 5 }),
		variant(base, {}, 3),
	];
	const ids = ["one", "two", "three"];
	const trials = variants.map(
		(each, index): StackedTrial => ({
			prepared: each,
			runId: ids[index] as string,
			trial: { sweepId: "s", id: `${index}`.repeat(12), values: { index } },
		}),
	);
	const ended: number[] = [];
	const listener = { onEnd: (trial: number) => void ended.push(trial) };
	const outcomes = await runStacked(
		trials,
		optionsIn(folder, undefined, listener),
	);
	assert.deepEqual(
		outcomes.map(({ runId, status }) => [runId, status]),
		ids.map((id) => [id, "FINISHED"]),
	);
	assert.deepEqual([...ended].sort(), [0, 1, 2]);
	const { name: backend } = await openTfjs();
	for (const [index, each] of variants.entries()) {
		const { signal } = new AbortController();
		const alone = await runExperiment(each, {
			...optionsIn(folder),
			signal,
			listener: {
				...SILENT,
				onStart: () => undefined,
				onEpoch: () => undefined,
				onWarning: () => undefined,
			},
			report: false,
		});
		const [mine, other] = [outcomes[index]?.folder ?? "", alone.folder];
		const [stacked, single] = [readRun(mine), readRun(other)];
		assert.equal(stacked.status, "FINISHED");
		assert.deepEqual(stacked.trial?.values, { index });
		assert.equal(stacked.epochs.length, single.epochs.length);
		assert.deepEqual(
			stacked.artifacts.map(({ path }) => path).sort(),
			single.artifacts
				.map(({ path }) => path)
				// There would be one of each of a thousand heads.
				.filter((path) => !path.startsWith("checkpoints/"))
				.sort(),
		);
		assert.equal(
			readPredictions(mine).length,
			base.dataset?.samples.filter(({ split }) => split === "valid").length,
		);
		for (const [key, value] of Object.entries(single.finalMetrics)) {
			const off = Math.abs((stacked.finalMetrics[key] ?? Number.NaN) - value);
			assert.ok(off <= 1e-5 * Math.max(0.01, Math.abs(value)), key);
		}
		if (backend === "wasm")
			for (const file of ["head.safetensors", "predictions.jsonl"])
				assert.deepEqual(
					readFileSync(join(mine, file)),
					readFileSync(join(other, file)),
				);
	}
});

test("a stack in int8 has the numbers, the agreement and the refusal that each of its runs has alone", async (context) => {
	const folder = folderFor(context);
	const base = await prepared(folder, [
		"model.precision={ int8: { photos: 8, min_cosine: 0, min_agreement: 0 } }",
	]);
	const cache = join(folder, "cache");
	const variants = [variant(base, {}), variant(base, { learning_rate: 0.005 })];
	const trials = variants.map(
		(each, index): StackedTrial => ({ prepared: each, runId: `s${index}` }),
	);
	const outcomes = await runStacked(
		trials,
		optionsIn(folder, undefined, {}, cache),
	);
	const agreementOf = (run: string) =>
		readRun(run).phases.find(({ name }) => name === "agreement")?.detail;
	for (const [index, each] of variants.entries()) {
		const alone = await runExperiment(each, {
			...optionsIn(folder, undefined, {}, cache),
			listener: {
				...SILENT,
				onStart: () => undefined,
				onEpoch: () => undefined,
				onWarning: () => undefined,
			},
			report: false,
		});
		const mine = outcomes[index]?.folder ?? "";
		const [stacked, single] = [readRun(mine), readRun(alone.folder)];
		assert.equal(stacked.status, "FINISHED");
		assert.equal(single.status, "FINISHED");
		for (const [key, value] of Object.entries(single.finalMetrics)) {
			const off = Math.abs((stacked.finalMetrics[key] ?? Number.NaN) - value);
			assert.ok(off <= 1e-5 * Math.max(0.01, Math.abs(value)), key);
		}
		const agreement = agreementOf(mine);
		assert.equal(agreement?.photos, 43);
		assert.deepEqual(agreement, agreementOf(alone.folder));
	}
	const strict = await prepared(folder, [
		"model.precision={ int8: { photos: 1, min_cosine: 0, min_agreement: 1 } }",
	]);
	const refused = await runStacked(
		[{ prepared: strict, runId: "strict" }],
		optionsIn(folder, undefined, {}, cache),
	);
	assert.deepEqual(
		refused.map(({ status, error }) => [status, error?.code]),
		[["FAILED", "int8-disagrees"]],
	);
});

test("a trial that diverges fails alone, and one that is asked to stop ends there, whole", async (context) => {
	const { folder, base } = await stackOf(context);
	const outcomes = await runStacked(
		[
			{ prepared: variant(base, {}), runId: "well" },
			{ prepared: variant(base, { learning_rate: 1e38 }), runId: "wild" },
			{
				prepared: variant(base, { epochs: 50 }),
				runId: "stopped",
				onEpoch: ({ epoch }) => (epoch === 2 ? "stop" : "go on"),
			},
		],
		optionsIn(folder),
	);
	assert.deepEqual(
		outcomes.map(({ runId, status, error }) => [runId, status, error?.code]),
		[
			["well", "FINISHED", undefined],
			["wild", "FAILED", "diverged"],
			["stopped", "FINISHED", undefined],
		],
	);
	const [well, wild, stopped] = outcomes.map(({ folder }) => readRun(folder));
	assert.equal(well?.epochs.length, 3);
	assert.equal(wild?.status, "FAILED");
	assert.equal(wild?.error?.code, "diverged");
	assert.equal(stopped?.epochs.length, 2);
	assert.ok(existsSync(join(stopped?.folder ?? "", "head.safetensors")));
});

test("an abort ends every journal as KILLED", async (context) => {
	const { folder, base } = await stackOf(context);
	const controller = new AbortController();
	const trials = ["a", "b", "c"].map((runId) => ({
		prepared: variant(base, { epochs: 100_000 }),
		runId,
	}));
	const running = runStacked(
		trials,
		optionsIn(folder, controller.signal, {
			onEpoch: (trial, { epoch }) => {
				if (trial === 1 && epoch === 2) controller.abort(new Error("enough"));
			},
		}),
	);
	await assert.rejects(running, /enough/);
	for (const { runId } of trials)
		assert.equal(readRun(join(folder, "runs", runId)).status, "KILLED");
});

test("what the trials share fails each of them: photos that cannot be read", async (context) => {
	const { folder, base } = await stackOf(context);
	const dataset = base.dataset && { ...base.dataset, root: folder };
	const broken = { ...base, dataset };
	const outcomes = await runStacked(
		[
			{ prepared: variant(broken, {}), runId: "a" },
			{ prepared: variant(broken, {}, 1), runId: "b" },
		],
		optionsIn(folder, undefined, {}, join(folder, "cache")),
	);
	assert.deepEqual(
		outcomes.map(({ status }) => status),
		["FAILED", "FAILED"],
	);
	for (const { folder, error } of outcomes)
		assert.equal(readRun(folder).error?.code, error?.code);
	assert.equal(readdirSync(join(folder, "runs")).length, 2);
});

test("trials may be stacked where all of the trunk is cached, and only there", async (context) => {
	const { base } = await stackOf(context);
	const { plan, loaded } = base;
	const { experiment } = loaded;
	const key = stackKeyOf(plan, experiment);
	assert.match(key ?? "", /^[0-9a-f]{64}$/);
	const faster = variant(base, { learning_rate: 1, epochs: 1 }, 9);
	assert.equal(stackKeyOf(faster.plan, faster.loaded.experiment), key);
	const keyOf = (train: Partial<TrainOptions>) =>
		stackKeyOf(plan, {
			...experiment,
			train: { ...experiment.train, ...train },
		});
	assert.equal(keyOf({ no_weight_decay: ["bias"], layer_decay: 0.5 }), key);
	const adam = { betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0 } as const;
	for (const train of [
		{ accumulate: 2 },
		{ ema: { decay: 0.9, warmup: false } },
		{ optimizer: { adam: { ...adam, amsgrad: true } } },
		{ optimizer: { radam: { ...adam, decoupled_weight_decay: false } } },
	])
		assert.equal(keyOf(train), undefined, inspect(train));
	const live = { ...plan, train: { ...plan.train, featureKey: undefined } };
	assert.equal(stackKeyOf(live, experiment), undefined);
	const data = { ...experiment.data, root: "/elsewhere" };
	assert.notEqual(stackKeyOf(plan, { ...experiment, data }), key);
});
