import { canonicalJson, type Json } from "../../fingerprint.ts";
import { studentQuantile, studentTail } from "../../runs/distributions.ts";
import type { Effect, Level, PairedLevels } from "./types.ts";

/** What one axis does, all others being what they are. */

/** A finished trial. */
export interface ScoredTrial {
	readonly values: Readonly<Record<string, Json>>;
	readonly score: number;
}

/** An axis with more values than this is drawn at random, not a list of levels. */
const MOST_LEVELS = 16;

/** @param sign 1 where more is better, -1 where less is. Trials without the axis count for none of its levels. */
export function effectOf(
	axis: string,
	trials: readonly ScoredTrial[],
	sign: number,
): Effect {
	const own = trials.filter(({ values }) => axis in values);
	const groups = new Map<string, ScoredTrial[]>();
	for (const trial of own) {
		const key = canonicalJson(trial.values[axis] ?? null);
		groups.set(key, [...(groups.get(key) ?? []), trial]);
	}
	const isNumeric = own.every(({ values }) => typeof values[axis] === "number");
	const isContinuous = isNumeric && groups.size > MOST_LEVELS;
	const levels = [...groups.values()].map((group) =>
		levelOf(axis, group, sign),
	);
	if (isNumeric)
		levels.sort((a, b) => (a.value as number) - (b.value as number));
	return {
		axis,
		levels: isContinuous ? [] : levels,
		explains: isContinuous ? undefined : varianceBetween([...groups.values()]),
		correlation:
			isNumeric && groups.size > 2
				? rankCorrelation(
						own.map(({ values }) => values[axis] as number),
						own.map(({ score }) => score),
					)
				: undefined,
		isContinuous,
		pairs: isContinuous ? [] : pairLevels(axis, own, levels, sign),
	};
}

function levelOf(
	axis: string,
	group: readonly ScoredTrial[],
	sign: number,
): Level {
	const scores = group.map(({ score }) => score);
	return {
		value: group[0]?.values[axis] ?? null,
		trials: group.length,
		mean: mean(scores),
		best: sign * Math.max(...scores.map((score) => sign * score)),
	};
}

/** Sum of squares between the groups over the whole (eta squared; Fisher 1925). */
function varianceBetween(
	groups: readonly (readonly ScoredTrial[])[],
): number | undefined {
	const all = groups.flatMap((group) => group.map(({ score }) => score));
	const centre = mean(all);
	const whole = sumOf(all.map((score) => (score - centre) ** 2));
	if (!(whole > 0)) return undefined;
	const between = sumOf(
		groups.map(
			(group) =>
				group.length * (mean(group.map(({ score }) => score)) - centre) ** 2,
		),
	);
	return between / whole;
}

/** Spearman's rho: Pearson's correlation of mean ranks. Undefined where one side does not vary. */
function rankCorrelation(
	x: readonly number[],
	y: readonly number[],
): number | undefined {
	const [a, b] = [ranks(x), ranks(y)];
	const [meanA, meanB] = [mean(a), mean(b)];
	const product = sumOf(
		a.map((rank, i) => (rank - meanA) * ((b[i] as number) - meanB)),
	);
	const spread = Math.sqrt(
		sumOf(a.map((rank) => (rank - meanA) ** 2)) *
			sumOf(b.map((rank) => (rank - meanB) ** 2)),
	);
	return spread > 0 ? product / spread : undefined;
}

function ranks(values: readonly number[]): readonly number[] {
	const order = values
		.map((_, index) => index)
		.sort((a, b) => (values[a] as number) - (values[b] as number));
	const result = values.map(() => 0);
	for (let start = 0; start < order.length; ) {
		let end = start + 1;
		const value = values[order[start] as number];
		while (end < order.length && values[order[end] as number] === value) end++;
		for (const index of order.slice(start, end))
			result[index] = (start + end - 1) / 2;
		start = end;
	}
	return result;
}

/** The level with the best mean against each other one. */
function pairLevels(
	axis: string,
	trials: readonly ScoredTrial[],
	levels: readonly Level[],
	sign: number,
): readonly PairedLevels[] {
	if (levels.length < 2) return [];
	const best = levels.reduce((a, b) => (sign * b.mean > sign * a.mean ? b : a));
	const scoreOf = new Map(
		trials.map(({ values, score }) => [keyOf(axis, values), score] as const),
	);
	const found = levels
		.filter((level) => level !== best)
		.map((other) => {
			const differences = trials
				.filter(({ values }) => isSame(values[axis], best.value))
				.flatMap(({ values, score }) => {
					const rival = { ...values, [axis]: other.value };
					const theirs = scoreOf.get(keyOf(axis, rival));
					return theirs === undefined ? [] : [score - theirs];
				});
			return { better: best.value, other: other.value, differences };
		})
		.filter(({ differences }) => differences.length > 0)
		.map(({ better, other, differences }) => ({
			...{ better, other, pairs: differences.length },
			...testDifferences(differences),
		}));
	return holm(found);
}

function keyOf(axis: string, values: ScoredTrial["values"]): string {
	return canonicalJson({ ...values, [axis]: values[axis] ?? null });
}

function isSame(a: Json | undefined, b: Json): boolean {
	return canonicalJson(a ?? null) === canonicalJson(b);
}

/** Paired t test, two-sided (Student 1908). */
function testDifferences(differences: readonly number[]) {
	const n = differences.length;
	const difference = mean(differences);
	if (n < 2)
		return { difference, low: undefined, high: undefined, pValue: undefined };
	const variance =
		sumOf(differences.map((value) => (value - difference) ** 2)) / (n - 1);
	const error = Math.sqrt(variance / n);
	const half = studentQuantile(0.025, n - 1) * error;
	const t =
		error > 0
			? Math.abs(difference) / error
			: difference === 0
				? 0
				: Number.POSITIVE_INFINITY;
	return {
		difference,
		low: difference - half,
		high: difference + half,
		pValue: Math.min(1, 2 * studentTail(t, n - 1)),
	};
}

/** Holm 1979: the smallest p-value times the number of tests, the next times one less, never falling. */
function holm(pairs: readonly PairedLevels[]): readonly PairedLevels[] {
	const tested = pairs
		.filter(({ pValue }) => pValue !== undefined)
		.sort((a, b) => (a.pValue ?? 1) - (b.pValue ?? 1));
	const adjusted = new Map<PairedLevels, number>();
	let least = 0;
	tested.forEach((pair, place) => {
		const factor = tested.length - place;
		least = Math.max(least, Math.min(1, (pair.pValue ?? 1) * factor));
		adjusted.set(pair, least);
	});
	return pairs.map((pair) => ({ ...pair, pValue: adjusted.get(pair) }));
}

function mean(values: readonly number[]): number {
	return sumOf(values) / values.length;
}

function sumOf(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0);
}
