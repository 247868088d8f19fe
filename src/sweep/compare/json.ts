import type { Comparison } from "./types.ts";

/** A comparison for machines. */
export function comparisonJson(comparison: Comparison) {
	return {
		sweep_id: comparison.sweepId,
		name: comparison.name,
		objective: comparison.objective,
		trials: comparison.trials,
		finished: comparison.finished,
		failed: comparison.failed,
		axes: comparison.axes,
		points: comparison.points.map((point) => ({
			rank: point.rank ?? null,
			params: point.values,
			mean: point.mean ?? null,
			scores: point.scores,
			interval: point.interval ?? null,
			best_run: point.bestRun ?? null,
			failed: point.failed,
			pruned: point.pruned,
		})),
		effects: comparison.effects.map((effect) => ({
			axis: effect.axis,
			levels: effect.levels,
			explains: effect.explains ?? null,
			correlation: effect.correlation ?? null,
			pairs: effect.pairs.map(({ pValue, low, high, ...pair }) => ({
				...pair,
				low: low ?? null,
				high: high ?? null,
				p_value: pValue ?? null,
			})),
		})),
	};
}
