import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import test from "node:test";
import type { Schedule } from "../../src/experiment/types.ts";
import { describeTraining } from "../../src/train/describe.ts";
import { optionsOf } from "./support.ts";

const warm = (warmup_epochs: number) => ({
	warmup_epochs,
	warmup_start_factor: 0.01,
});
const SCHEDULES: readonly [epochs: number, schedule: Schedule][] = [
	[10, { constant: warm(2) }],
	[12, { step: { ...warm(0), step_size: 4, gamma: 0.1 } }],
	[12, { multistep: { ...warm(1), milestones: [6, 9], gamma: 0.3 } }],
	[20, { exponential: { ...warm(0), gamma: 0.8 } }],
	[20, { cosine: { ...warm(1), eta_min: 0 } }],
	[14, { cosine_restarts: { ...warm(0), T_0: 2, T_mult: 2, eta_min: 0 } }],
	[
		10,
		{
			one_cycle: {
				pct_start: 0.3,
				anneal_strategy: "cos",
				div_factor: 25,
				final_div_factor: 1e4,
			},
		},
	],
	[100, { polynomial: { ...warm(5), power: 2 } }],
	[1, { cosine: { ...warm(0), eta_min: 0 } }],
];

/** `GRAFT_WRITE_GOLDEN=1 npm test -- schedule-picture` writes the file anew, to be reviewed as a diff. */
test("each schedule is drawn with its warm-up and the rates where it turns", () => {
	const text = SCHEDULES.map(([epochs, schedule]) => {
		const train = optionsOf({
			loss: "cross_entropy",
			optimizer: {
				sgd: { momentum: 0, dampening: 0, nesterov: false, weight_decay: 0 },
			},
			learning_rate: 0.02,
			batch_size: 8,
			epochs,
			schedule,
		});
		const told = describeTraining(train, 100);
		return `${[told.schedule, ...told.picture].join("\n")}\n`;
	}).join("\n");
	const file = new URL("golden/schedules.txt", import.meta.url);
	if (process.env.GRAFT_WRITE_GOLDEN) writeFileSync(file, text);
	assert.equal(text, readFileSync(file, "utf8"));
});
