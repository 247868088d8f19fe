import { stepsOf } from "../runs/step-record.ts";
import type { JournalEvent, Metric, RunRecord } from "../runs/types.ts";
import { toMlflowKey } from "./names.ts";
import type { Point } from "./types.ts";

/** A journal's numbers as points of MLflow's charts; one global step everywhere, the optimizer's. */

/** Metrics in the journal's order, the epoch at each of their steps, and at the end the seconds of each phase. */
export function pointsOf(
	record: RunRecord,
	events: readonly JournalEvent[],
): Point[] {
	// What is measured once the last epoch is over has its step, and a time of its own.
	const marked = new Set<number>();
	const isNew = ({ key, step }: Point): boolean => {
		if (key !== "epoch") return true;
		const isFirst = !marked.has(step);
		marked.add(step);
		return isFirst;
	};
	const points = events.flatMap((event, index) => {
		if (event.type === "system") return event.metrics.map(pointOf);
		if (event.type === "steps")
			return pointsOfSteps(event, events[index - 1]?.time ?? event.time);
		return event.type === "metrics" ? pointsOfEvent(event).filter(isNew) : [];
	});
	if (record.endTime === undefined) return points;
	const timestamp = Date.parse(record.endTime);
	const step = record.metrics.at(-1)?.step ?? 0;
	for (const { name, seconds } of record.phases) {
		// MLflow shows groups of charts by their names: these come after train and valid.
		const key = toMlflowKey(`wall_seconds/${name}`);
		points.push({ key, value: seconds, step, timestamp });
	}
	return points;
}

/**
 * The loss of each step beside the epochs' `train/loss`, and what it was taken with. The journal keeps one time
 * for an epoch's steps: they are spread evenly from the event before to theirs.
 */
function pointsOfSteps(
	event: Extract<JournalEvent, { type: "steps" }>,
	before: string,
): Point[] {
	const from = Date.parse(before);
	const to = Date.parse(event.time);
	return stepsOf(event).flatMap(({ step, loss, learningRate }, index, all) => {
		const timestamp = from + ((index + 1) / all.length) * (to - from);
		return [
			pointOf({ key: "train/loss_step", value: loss, step, timestamp }),
			pointOf({ key: "learning_rate", value: learningRate, step, timestamp }),
		];
	});
}

function pointOf({ key, value, step, timestamp }: Metric): Point {
	return {
		key: toMlflowKey(key),
		value,
		// The server stores a fraction as 0 and drops what follows it.
		step: Math.round(step),
		timestamp: Math.round(timestamp),
	};
}

function pointsOfEvent({
	epoch,
	metrics,
}: Extract<JournalEvent, { type: "metrics" }>): Point[] {
	const points = metrics.map(pointOf);
	const marks = new Map(
		points.map(({ step, timestamp }) => [
			`${step} ${timestamp}`,
			{ key: "epoch", value: epoch, step, timestamp },
		]),
	);
	return [...points, ...marks.values()];
}
