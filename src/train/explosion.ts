import type { WarningEvent } from "./types.ts";

/** Times the first loss: no longer the ups and downs of learning. */
const MANY = 10;

/**
 * Says once that the loss explodes: an epoch's mean is many times the loss that training began with. It goes on, for
 * the loss is a number still, and some recover.
 */
export function watchExplosion(learningRate: number) {
	let first: number | undefined;
	let isSaid = false;
	return {
		/** @param firstLoss of the epoch's first step @param loss the epoch's mean */
		epoch(
			epoch: number,
			firstLoss: number,
			loss: number,
		): readonly WarningEvent[] {
			if (!Number.isNaN(firstLoss)) first ??= firstLoss;
			if (isSaid || first === undefined || loss <= MANY * first) return [];
			isSaid = true;
			const message = `the train loss of epoch ${epoch} is ${loss.toPrecision(3)}, at the first step it was ${first.toPrecision(3)}: ${advice(learningRate)}`;
			return [{ type: "warning", code: "loss-exploding", message }];
		},
	};
}

/** What helps against steps that are too large. */
export function advice(learningRate: number): string {
	const less = Number((learningRate / 10).toPrecision(3));
	return `lower train.learning_rate (try ${less}), let it rise slowly (schedule: warmup_epochs), or limit each step (train.clip_grad_norm: 1)`;
}
