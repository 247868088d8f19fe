import type { CheckpointOptions, TrainOptions } from "../experiment/types.ts";
import { sizeOf } from "../model/dtypes.ts";
import { phasePlans } from "../plan/phases.ts";
import type { Plan } from "../plan/types.ts";

/** What a run keeps unasked: bytes of float32 that learn in any of its phases. */
const SMALL = 64e6;

/**
 * What is kept: as the file says; else best and last where that is little. A trial of a sweep keeps nothing unasked,
 * for there are many of them.
 */
export function checkpointsOf(
	plan: Plan,
	{ checkpoints, early_stopping }: TrainOptions,
	isTrial: boolean,
): CheckpointOptions | undefined {
	if (checkpoints !== undefined) return checkpoints;
	if (isTrial || bytesLearnt(plan) > SMALL) return undefined;
	const { monitor = "valid/loss", mode = "auto" } = early_stopping ?? {};
	return { keep: 1, last: true, every: 1, monitor, mode };
}

function bytesLearnt(plan: Plan): number {
	const names = new Set(
		phasePlans(plan).flatMap(({ trainable, buffers }) => [
			...trainable,
			...(buffers ?? []),
		]),
	);
	return plan.graph.initializers
		.filter(({ name }) => names.has(name))
		.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
}
