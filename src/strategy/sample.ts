import type { Sample } from "../data/types.ts";

/** Photos that are measured at most: more make the scores no better than a point, and the pass longer. */
export const MOST_MEASURED = 600;
/** Of a class at least, where it has so many. */
const LEAST_A_CLASS = 5;

/**
 * So many of the photos, the same share of each class: within a class those with the least sha256, which is as good as drawn
 * and does not change when photos come or go elsewhere. In the order given.
 */
export function sampleOf(
	samples: readonly Sample[],
	most = MOST_MEASURED,
): readonly Sample[] {
	if (samples.length <= most) return samples;
	const byClass = new Map<number, Sample[]>();
	for (const sample of samples) {
		const own = byClass.get(sample.label);
		if (own) own.push(sample);
		else byClass.set(sample.label, [sample]);
	}
	const share = most / samples.length;
	const taken = new Set<Sample>();
	for (const own of byClass.values()) {
		const count = Math.max(LEAST_A_CLASS, Math.round(share * own.length));
		const order = [...own].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
		for (const sample of order.slice(0, count)) taken.add(sample);
	}
	return samples.filter((sample) => taken.has(sample));
}
