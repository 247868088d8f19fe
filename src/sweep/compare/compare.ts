import { canonicalJson, type Json } from "../../fingerprint.ts";
import { studentQuantile } from "../../runs/distributions.ts";
import { wilsonInterval } from "../../runs/wilson.ts";
import type { SweepStatus } from "../status.ts";
import type { TrialState } from "../types.ts";
import { effectOf } from "./effects.ts";
import type { Comparison, Interval, Point } from "./types.ts";

/** A sweep's status → what it found. Pure. @param photos of the valid split, for intervals of single trials; undefined where it varies or is unknown. */
export function compareTrials(
	status: Pick<SweepStatus, "sweepId" | "name" | "objective" | "trials">,
	photos: number | undefined,
): Comparison {
	const { trials, objective } = status;
	const axes = axesOf(trials);
	const score = (trial: TrialState) => trial.metrics[objective.metric];
	const sign = objective.mode === "max" ? 1 : -1;
	const groups = groupBy(trials, pointKey);
	const points = [...groups.values()].map((group) =>
		pointOf(group, score, sign, objective.metric, photos),
	);
	const scored = trials
		.filter(isScored)
		.map((trial) => ({ values: trial.values, score: score(trial) as number }))
		.filter((trial) => Number.isFinite(trial.score));
	return {
		sweepId: status.sweepId,
		name: status.name,
		objective,
		axes,
		points: ranked(points, sign),
		effects: axes
			.map((axis) => effectOf(axis, scored, sign))
			.filter(({ levels, isContinuous }) => isContinuous || levels.length > 1),
		trials: trials.length,
		finished: trials.filter(isScored).length,
		failed: trials.filter((trial) => trial.status === "FAILED").length,
	};
}

/** Swept keys in the order of the first trial that has each, the seed left out. */
function axesOf(trials: readonly TrialState[]): readonly string[] {
	const keys = new Set(trials.flatMap(({ values }) => Object.keys(values)));
	keys.delete("seed");
	return [...keys];
}

function pointKey({ values }: TrialState): string {
	const { seed: _, ...rest } = values;
	return canonicalJson(rest);
}

function groupBy<T>(
	items: readonly T[],
	key: (item: T) => string,
): Map<string, T[]> {
	const groups = new Map<string, T[]>();
	for (const item of items) {
		const group = groups.get(key(item)) ?? [];
		group.push(item);
		groups.set(key(item), group);
	}
	return groups;
}

function isScored({ status }: TrialState): boolean {
	return status === "FINISHED" || status === "PRUNED";
}

function pointOf(
	group: readonly TrialState[],
	score: (trial: TrialState) => number | undefined,
	sign: number,
	metric: string,
	photos: number | undefined,
): Point {
	const finished = group.filter(isScored);
	const scores = finished.map((trial) => score(trial) ?? Number.NaN);
	const best = finished.reduce<TrialState | undefined>(
		(a, b) =>
			a === undefined ||
			sign * (score(b) ?? Number.NaN) > sign * (score(a) ?? Number.NaN)
				? b
				: a,
		undefined,
	);
	const mean =
		scores.length === 0
			? undefined
			: scores.reduce((a, b) => a + b, 0) / scores.length;
	const { seed: _, ...values } = (group[0] as TrialState).values;
	return {
		rank: undefined,
		values: values as Readonly<Record<string, Json>>,
		scores,
		mean,
		interval: intervalOf(scores, metric, photos),
		bestRun: best?.runId,
		bestTrial: best?.trial,
		failed: group.filter(({ status }) => status === "FAILED").length,
		pruned: group.filter(({ status }) => status === "PRUNED").length,
	};
}

/** Of the mean over several seeds; of one trial's accuracy, over its photos. */
function intervalOf(
	scores: readonly number[],
	metric: string,
	photos: number | undefined,
): Interval | undefined {
	const n = scores.length;
	if (n === 1 && photos !== undefined && metric === "valid/accuracy") {
		const right = Math.round((scores[0] as number) * photos);
		const [low, high] = wilsonInterval(right, photos);
		return { low, high, of: "photos" };
	}
	if (n < 2 || !scores.every(Number.isFinite)) return undefined;
	const mean = scores.reduce((a, b) => a + b, 0) / n;
	const variance =
		scores.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
	const half = studentQuantile(0.025, n - 1) * Math.sqrt(variance / n);
	const isShare = !/loss/.test(metric) && scores.every((s) => s >= 0 && s <= 1);
	const bound = (value: number) =>
		isShare ? Math.min(1, Math.max(0, value)) : value;
	return { low: bound(mean - half), high: bound(mean + half), of: "seeds" };
}

/** Best first; points whose score is no number, and those without one, last, in the file's order. */
function ranked(points: readonly Point[], sign: number): readonly Point[] {
	const value = ({ mean }: Point) => {
		if (mean === undefined) return Number.NEGATIVE_INFINITY;
		return Number.isNaN(mean) ? -Number.MAX_VALUE : sign * mean;
	};
	const sorted = [...points].sort((a, b) => {
		const [x, y] = [value(a), value(b)];
		return x === y ? 0 : y - x;
	});
	let rank = 0;
	return sorted.map((point, place) => {
		if (point.mean === undefined) return point;
		if (place === 0 || value(point) !== value(sorted[place - 1] as Point))
			rank = place + 1;
		return { ...point, rank };
	});
}
