import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import type { Pruner } from "../../src/experiment/types.ts";
import { random } from "../../src/random.ts";
import { decide, isRung } from "../../src/sweep/prune.ts";
import { openPruner, type RungRecord } from "../../src/sweep/rungs.ts";
import type { TrialResult } from "../../src/sweep/types.ts";
import type { EpochEvent } from "../../src/train/types.ts";
import { envFor, folderFor } from "../support/graft.ts";
import { fewPhotos, finalTable, start, sweepFile } from "./support.ts";

const asha = (min_epochs: number, reduction_factor: number): Pruner => ({
	asha: { min_epochs, reduction_factor },
});
const median = (min_epochs: number, min_trials: number): Pruner => ({
	median: { min_epochs, min_trials },
});

test("asha looks at min_epochs and at each reduction_factor times as many, median after every epoch", () => {
	const epochs = Array.from({ length: 30 }, (_, index) => index + 1);
	const at = (pruner: Pruner) => epochs.filter((e) => isRung(pruner, e));
	assert.deepEqual(at(asha(1, 3)), [1, 3, 9, 27]);
	assert.deepEqual(at(asha(2, 4)), [2, 8]);
	assert.deepEqual(at(median(28, 1)), [28, 29, 30]);
});

test("asha lets the best of those that came so far go on: one in reduction_factor, at least one", () => {
	const ask = (value: number, others: number[], mode: "max" | "min" = "max") =>
		decide({ pruner: asha(1, 3), mode, epoch: 1, value, others });
	assert.equal(ask(0.1, []), "go on");
	assert.equal(ask(0.1, [0.2]), "stop");
	assert.equal(ask(0.3, [0.2]), "go on");
	assert.equal(ask(0.2, [0.2, 0.1]), "go on", "equal to the best");
	assert.equal(ask(0.5, [0.6, 0.1, 0.2, 0.3]), "stop", "1 place of 5");
	assert.equal(ask(0.5, [0.6, 0.1, 0.2, 0.3, 0.4]), "go on", "2 places of 6");
	assert.equal(ask(0.1, [0.2, 0.3], "min"), "go on");
	assert.equal(ask(Number.NaN, [0.2]), "stop");
	assert.equal(ask(0.2, [Number.NaN]), "go on");
});

test("median ends what is worse than the median of enough others", () => {
	const ask = (value: number, others: number[], mode: "max" | "min" = "max") =>
		decide({ pruner: median(1, 3), mode, epoch: 1, value, others });
	assert.equal(ask(0, [1, 1]), "go on", "too few others");
	assert.equal(ask(0.4, [0.1, 0.5, 0.9]), "stop");
	assert.equal(ask(0.5, [0.1, 0.5, 0.9]), "go on");
	assert.equal(ask(0.5, [0.1, 0.5, 0.9], "min"), "go on");
	assert.equal(ask(0.6, [0.1, 0.5, 0.9], "min"), "stop");
	assert.equal(ask(0.3, [0.1, 0.2, 0.4, 0.9]), "go on", "the worse middle");
});

test("the order in which others came makes no difference to an answer", () => {
	const draw = random(3, "orders");
	for (const pruner of [asha(1, 3), median(1, 2)])
		for (let round = 0; round < 200; round++) {
			const others = Array.from({ length: draw.integer(9) }, draw.uniform);
			const shuffled = [...draw.permutation(others.length)].map(
				(index) => others[index] as number,
			);
			const value = draw.uniform();
			const base = { pruner, mode: "max", epoch: 1, value } as const;
			assert.equal(
				decide({ ...base, others }),
				decide({ ...base, others: shuffled }),
			);
		}
});

function epochEvent(epoch: number, validAccuracy: number): EpochEvent {
	return { epoch, validAccuracy } as EpochEvent;
}

test("processes see each other's trials, and a trial that is run again meets its own answer", (t) => {
	const folder = folderFor(t);
	const objective = { metric: "valid/accuracy", mode: "max" } as const;
	const open = () => openPruner(folder, asha(1, 2), objective);
	const [one, two] = [open(), open()];
	assert.equal(one?.("a", 9)(epochEvent(1, 0.5)), "go on");
	assert.equal(two?.("b", 9)(epochEvent(1, 0.4)), "stop");
	assert.equal(one?.("c", 9)(epochEvent(1, 0.6)), "go on");
	// By now it would be told to end: one place of two, and c is better.
	assert.equal(open()?.("a", 9)(epochEvent(1, 0.5)), "go on");
	assert.equal(open()?.("d", 1)(epochEvent(1, 0)), "go on", "its last epoch");
	assert.equal(openPruner(folder, undefined, objective), undefined);
});

test("a pruned sweep: trials are PRUNED with fewer epochs, and every answer follows from what had come before", async (t) => {
	const folder = folderFor(t);
	fewPhotos(folder);
	const env = envFor(folder);
	const file = sweepFile(
		folder,
		`  grid: { train.epochs: [4], train.learning_rate: [0.1, 1.0e-5, 0.03, 1.0e-6, 0.01, 1.0e-7] }
  objective: valid/loss
  pruner: { asha: { min_epochs: 1, reduction_factor: 2 } }`,
	);
	const { code, stdout, stderr } = await start(
		["run", file, "--format", "json"],
		env,
	).ended;
	assert.equal(code, 0, stderr);
	const { trials, sweep_dir } = JSON.parse(stdout) as {
		trials: { status: string; trial: string }[];
		sweep_dir: string;
	};
	const pruned = trials.filter(({ status }) => status === "PRUNED");
	assert.ok(pruned.length > 0 && pruned.length < trials.length);
	for (const { trial, status } of trials) {
		const result = JSON.parse(
			readFileSync(join(sweep_dir, "results", `${trial}.json`), "utf8"),
		) as TrialResult;
		assert.equal(result.epochs < 4, status === "PRUNED");
	}
	for (const epoch of readdirSync(join(sweep_dir, "rungs"))) {
		const place = join(sweep_dir, "rungs", epoch);
		const records = readdirSync(place)
			.map((name) => readFileSync(join(place, name), "utf8"))
			.map((text) => JSON.parse(text) as RungRecord)
			.sort((a, b) => a.others - b.others);
		records.forEach(({ value, decision }, index) => {
			const others = records.slice(0, index).map((record) => record.value);
			const pruner = asha(1, 2);
			assert.equal(
				decide({ pruner, mode: "min", epoch: Number(epoch), value, others }),
				decision,
			);
		});
	}
	const again = { ...env, GRAFT_RUNS: join(folder, "again") };
	assert.equal((await start(["run", file], again).ended).code, 0);
	const [id = ""] = readdirSync(again.GRAFT_RUNS);
	assert.deepEqual(
		finalTable(join(again.GRAFT_RUNS, id)),
		finalTable(sweep_dir),
		"the same sweep once more",
	);
});
