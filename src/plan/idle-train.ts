import type { Diagnostic } from "../diagnostic.ts";
import { classicalHead } from "../experiment/classical-types.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { Graph } from "../model/types.ts";
import { placed } from "./place.ts";

/** Keys that change nothing, which only the photos and the network tell. */

/** @param photos of the train split; undefined: not known yet */
export function idleTraining(
	loaded: LoadedExperiment,
	photos: number | undefined,
): readonly Diagnostic[] {
	const { train, model } = loaded.experiment;
	// A head without epochs has no batches, which is told of all of `train`.
	if (classicalHead(model.head) !== undefined) return [];
	const { batch_size, accumulate = 1, checkpoints, epochs } = train;
	const idle = warner(loaded);
	const found: Diagnostic[] = [];
	if (checkpoints && checkpoints.every > epochs)
		found.push(
			idle(["train", "checkpoints", "every"], {
				message: `a checkpoint is made every ${checkpoints.every} epochs, but there are ${epochs}`,
				reason: "only the last epoch's weights would be kept",
				fix: `write an "every" of at most ${epochs}`,
			}),
		);
	if (photos === undefined) return found;
	const batches = Math.ceil(photos / batch_size);
	const isOwn = loaded.provenance.some(
		({ path, from }) => path === "train.batch_size" && from !== "default",
	);
	if (batch_size > photos && isOwn)
		found.push(
			idle(["train", "batch_size"], {
				message: `batch_size is ${batch_size}, but there are ${photos} photos to train on`,
				reason: "every epoch is a single step on all of them",
				fix: `write a smaller one: with batch_size: ${smaller(photos)} an epoch has ${Math.ceil(photos / smaller(photos))} steps`,
			}),
		);
	else if (accumulate > batches)
		found.push(
			idle(["train", "accumulate"], {
				message: `accumulate is ${accumulate}, but an epoch has ${batches} batches`,
				reason:
					"gradients are not carried into the next epoch: each has a single step",
				fix: `write accumulate: ${batches} or less`,
			}),
		);
	return found;
}

/** @param trainable initializers that learn in any phase */
export function idleBatchNorm(
	loaded: LoadedExperiment,
	{ nodes }: Graph,
	trainable: readonly string[],
): readonly Diagnostic[] {
	const { batch_norm } = loaded.experiment.model;
	const isOfStrategy = loaded.strategyGives?.some(
		([key]) => key === "model.batch_norm",
	);
	if (batch_norm === undefined || isOfStrategy) return [];
	const norms = nodes.filter(({ op }) => op === "BatchNormalization");
	const learn = new Set(trainable);
	if (norms.some(({ inputs }) => learn.has(inputs[1] ?? ""))) return [];
	return [
		warner(loaded)(["model", "batch_norm"], {
			message: `batch_norm is ${batch_norm}, but ${norms.length === 0 ? "the network has no BatchNorm" : "every BatchNorm of the network is frozen"}`,
			reason:
				"it says whose statistics a BatchNorm takes in training where it is not frozen; a frozen one keeps its own",
			fix:
				norms.length === 0
					? 'remove "batch_norm"'
					: 'remove "batch_norm", or freeze less',
		}),
	];
}

/** A power of two that makes some steps of an epoch. */
function smaller(photos: number): number {
	return 2 ** Math.max(0, Math.min(5, Math.floor(Math.log2(photos / 2))));
}

function warner(loaded: LoadedExperiment) {
	return (
		at: readonly string[],
		said: Pick<Diagnostic, "message" | "reason" | "fix">,
	) =>
		placed(loaded, at, {
			severity: "warning",
			code: "option-without-effect",
			...said,
		});
}
