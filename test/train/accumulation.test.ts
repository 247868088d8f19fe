import assert from "node:assert/strict";
import test from "node:test";
import type { TrainOptions } from "../../src/experiment/types.ts";
import type { FitInput } from "../../src/train/types.ts";
import {
	collect,
	golden,
	inputOf,
	mlpHead,
	relativeError,
	type Trace,
	vggClassifier,
} from "./support.ts";

const CASES: readonly [name: string, input: FitInput, what: string][] = [
	[
		"mlp-adamw-cosine",
		inputOf(mlpHead(12, 9, 4), golden<Trace>("mlp-adamw-cosine")),
		"balanced classes, smoothing, Dropout, a warm-up and a clipped norm",
	],
	[
		"vgg-rmsprop-one-cycle",
		inputOf(vggClassifier(), golden<Trace>("vgg-rmsprop-one-cycle")),
		"weighted nll, two Dropouts, one cycle and both ways of clipping",
	],
];

for (const [name, input, what] of CASES)
	test(`${name}: batches whose gradients are added up train as one batch of all their photos, with ${what}`, async () => {
		const trainWith = (options: Partial<TrainOptions>) =>
			collect({ ...input, options: { ...input.options, ...options } });
		// 37 photos: the last step has one photo, or a group of three batches, the last of them smaller.
		for (const [batch_size, accumulate] of [
			[3, 4],
			[4, 3],
			[5, 5],
		] as const) {
			const whole = await trainWith({ batch_size: batch_size * accumulate });
			const parts = await trainWith({ batch_size, accumulate });
			assert.equal(parts.steps.length, whole.steps.length);
			const of = ({ steps, epochs, end }: typeof whole) => [
				...steps.flatMap(({ loss, learningRate }) => [loss, learningRate]),
				...epochs.flatMap(({ trainLoss, validLoss, step }) => [
					trainLoss,
					validLoss,
					step,
				]),
				...[...(end?.trained.values() ?? [])].flatMap(({ data }) =>
					Array.from(data, Number),
				),
			];
			const error = relativeError(of(parts), of(whole));
			assert.ok(error < 1e-5, `off by ${error}`);
			const losses = relativeError(
				parts.steps.map(({ loss }) => loss),
				whole.steps.map(({ loss }) => loss),
			);
			assert.ok(losses < 1e-6, `losses off by ${losses}`);
			assert.equal(parts.end?.liveTensors[0], parts.end?.liveTensors[1]);
		}
	});
