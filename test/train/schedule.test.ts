import assert from "node:assert/strict";
import test from "node:test";
import type { Schedule } from "../../src/experiment/types.ts";
import type { Watched } from "../../src/train/plateau.ts";
import { learningRate, openSchedule } from "../../src/train/schedule.ts";
import { golden } from "./support.ts";

interface Schedules {
	/** What each epoch measured. */
	readonly measured: readonly Watched[];
	readonly cases: readonly {
		readonly schedule: Schedule;
		readonly epochs: number;
		readonly stepsPerEpoch: number;
		readonly learning_rate: number;
		/** Of each step. */
		readonly rates: readonly number[];
	}[];
}

const { measured, cases } = golden<Schedules>("schedules");

for (const { rates, stepsPerEpoch, ...train } of cases)
	test(`the learning rate of ${JSON.stringify(train.schedule)} is torch's at each step`, () => {
		const schedule = openSchedule(train, stepsPerEpoch);
		let step = 0;
		for (let epoch = 1; epoch <= train.epochs; epoch++) {
			for (let batch = 0; batch < stepsPerEpoch; batch++) {
				const rate = schedule.rateAt(epoch, step);
				const expected = rates[step];
				const off = Math.abs(rate - expected);
				assert.ok(
					off <= 1e-12 * train.learning_rate,
					`step ${step}: ${rate}, torch has ${expected}`,
				);
				step++;
			}
			schedule.endEpoch(epoch, measured[epoch - 1]);
		}
		assert.equal(step, rates.length);
	});

test("a constant schedule gives the learning rate itself, to the last bit", () => {
	const train = {
		learning_rate: 0.1,
		epochs: 3,
		schedule: { constant: { warmup_epochs: 0, warmup_start_factor: 0.01 } },
	};
	for (const epoch of [1, 2, 3])
		assert.equal(
			learningRate(train, { epoch, step: 7, stepsPerEpoch: 5 }),
			0.1,
		);
});
