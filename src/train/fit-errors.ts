import { RunError } from "../diagnostic.ts";
import type { Batch } from "./batches.ts";
import { advice } from "./explosion.ts";
import type { FitInput, Rows } from "./types.ts";

/** What can go wrong while training, in words. */

/** @throws RunError "no-rows" */
export function refuseEmpty(rows: Pick<Rows, "labels">, split: string): void {
	if (rows.labels.length === 0)
		throw new RunError("no-rows", `the ${split} split has no readable photo`, {
			fix: `put photos into the ${split} split, or look at why all were skipped (data.on_corrupt)`,
		});
}

/** The error of a loss that is not finite: "features-not-finite" where the batch already was not, else "diverged". */
export function diverged(
	{ options }: Pick<FitInput, "options">,
	epoch: number,
	step: number,
	batch?: Batch,
): RunError {
	if (batch && !batch.features.every(Number.isFinite))
		return new RunError(
			"features-not-finite",
			`epoch ${epoch}, step ${step + 1}: the features hold values that are not finite, so nothing can be learned from them`,
			{
				fix: "check that preprocessing and weights belong to this network (`graft features FILE` shows what it computes)",
			},
		);
	const rate = options.learning_rate;
	return new RunError(
		"diverged",
		`the loss is not finite any more in epoch ${epoch} after step ${step}, at learning rate ${rate}`,
		{
			fix: advice(rate),
		},
	);
}

/** By the words of TensorFlow, of the wasm backend (src/engine/wasm-memory.ts), of V8 and of C++. */
export function isOutOfMemory(error: unknown): boolean {
	return (
		error instanceof Error &&
		!(error instanceof RunError) &&
		/\bOOM\b|RESOURCE_EXHAUSTED|ResourceExhausted|out of memory|bad_alloc|Array buffer allocation failed|Invalid typed array length/i.test(
			error.message,
		)
	);
}

/** The error of a training whose single photo, or whose optimizer, does not fit. */
export function tooLarge(
	cause: unknown,
	what = "one photo at a time",
): RunError {
	const { message } = cause as Error;
	return new RunError(
		"out-of-memory",
		`training does not fit into memory, even with ${what}: ${message.split("\n").at(-1)}`,
		{
			fix: "freeze more layers (model.freeze), use smaller photos (Resize), or train on the native backend, which is not held to 4 GB (graft setup native)",
			cause,
		},
	);
}
