import { normalTail, studentTail } from "../distributions.ts";

/**
 * Is a drop more than noise? The photos are the same before and after, so the noise is that of the seeds (the start of
 * the head, the order of photos, augmentation).
 *
 *   one seed on a side     McNemar on the photos that flipped: would a tossed coin flip them like this?
 *   two seeds or more      all of: Student's t on the accuracies of the seeds (sees seeds that move many photos
 *                          together); a z test whose variance is that of each photo within its seeds (sees flips
 *                          even where the accuracies happen to agree); the flips themselves, at five times the level
 *                          (a few photos that few seeds agree on by chance are no proof). The largest p-value counts.
 *
 * The drop is lessened by what is allowed and, among seeds, by half a photo, for accuracies come in steps of one photo.
 */
export interface Paired {
	/** Per photo, how many seeds had it right. */
	readonly before: readonly number[];
	readonly after: readonly number[];
	/** Seeds before and after. */
	readonly seedsBefore: number;
	readonly seedsAfter: number;
	/** Accuracy of each seed on these photos, 0 … 1. */
	readonly accuraciesBefore: readonly number[];
	readonly accuraciesAfter: readonly number[];
}

/** What the tests say. */
export interface Noise {
	/** Mean accuracy before less the mean after, 0 … 1; negative where it rose. */
	readonly drop: number;
	/** One-sided. */
	readonly pValue: number;
	readonly test: "mcnemar" | "seeds";
}

/** @param allowed drop that is accepted, 0 … 1. */
export function testDrop(paired: Paired, allowed: number): Noise {
	const drop = mean(paired.accuraciesBefore) - mean(paired.accuraciesAfter);
	if (paired.seedsBefore === 1 || paired.seedsAfter === 1)
		return { drop, pValue: flipTail(paired, allowed), test: "mcnemar" };
	const n = paired.before.length;
	const excess = drop - allowed - 0.5 / n;
	const shares = 1 / paired.seedsBefore + 1 / paired.seedsAfter;
	const between = pooledVariance(paired) * shares;
	const within = withinVariance(paired) * shares;
	const df = paired.seedsBefore + paired.seedsAfter - 2;
	const pValue = Math.max(
		studentTail(ratio(excess, between), df),
		normalTail(ratio(excess, within)),
		flipTail(paired, allowed) / 5,
	);
	return { drop, pValue, test: "seeds" };
}

function ratio(excess: number, variance: number): number {
	if (variance > 0) return excess / Math.sqrt(variance);
	return excess > 0 ? Number.POSITIVE_INFINITY : 0;
}

/**
 * P(a sum at least as large | every photo's change had either sign with the same chance), mid-p (Fagerland, Lydersen,
 * Laake, BMC Med Res Methodol 2013: keeps its level where the exact test is too shy). With one seed on each side this
 * is McNemar's test. Exact: the distribution of the signed sum is built photo by photo.
 */
function flipTail(paired: Paired, allowed: number): number {
	const { before, after, seedsBefore, seedsAfter } = paired;
	const steps = before
		.map((right, i) => right * seedsAfter - (after[i] as number) * seedsBefore)
		.filter((step) => step !== 0);
	const observed = steps.reduce((sum, step) => sum + step, 0);
	const least = observed - allowed * before.length * seedsBefore * seedsAfter;
	const reach = steps.reduce((sum, step) => sum + Math.abs(step), 0);
	let chances = new Float64Array(2 * reach + 1);
	chances[reach] = 1;
	for (const step of steps) {
		const size = Math.abs(step);
		const next = new Float64Array(chances.length);
		chances.forEach((chance, i) => {
			if (chance === 0) return;
			next[i - size] = (next[i - size] as number) + chance / 2;
			next[i + size] = (next[i + size] as number) + chance / 2;
		});
		chances = next;
	}
	let tail = 0;
	for (let i = 0; i < chances.length; i++) {
		const sum = i - reach;
		if (sum > least) tail += chances[i] as number;
		else if (sum === least) tail += (chances[i] as number) / 2;
	}
	return Math.min(1, tail);
}

/** Of the accuracy of one run, from the spread of the seeds on both sides; df = seeds - 2. */
function pooledVariance(paired: Paired): number {
	const squares =
		squaredDeviations(paired.accuraciesBefore) +
		squaredDeviations(paired.accuraciesAfter);
	return squares / (paired.seedsBefore + paired.seedsAfter - 2);
}

/** Of the accuracy of one run, were the photos' flips independent: sum of p (1 - p) over the photos, unbiased within each side. */
function withinVariance(paired: Paired): number {
	const { before, after, seedsBefore, seedsAfter } = paired;
	let sum = 0;
	for (let i = 0; i < before.length; i++) {
		const a = before[i] as number;
		const b = after[i] as number;
		const spread =
			(a * (seedsBefore - a)) / seedsBefore +
			(b * (seedsAfter - b)) / seedsAfter;
		sum += spread / (seedsBefore + seedsAfter - 2);
	}
	return sum / before.length ** 2;
}

function squaredDeviations(values: readonly number[]): number {
	const centre = mean(values);
	return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
