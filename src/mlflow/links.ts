import type { Target } from "./attach.ts";

/** Addresses of MLflow's pages. */

/** One run. Without workflowType the page opens in MLflow's GenAI view. */
export function runUrl(
	uri: string,
	{ experimentId, runId }: Pick<Target, "experimentId" | "runId">,
): string {
	return `${uri}/#/experiments/${experimentId}/runs/${runId}?workflowType=machine_learning`;
}

/** What charts are sorted by, and the one sweep whose runs they show. */
export interface ChartOptions {
	readonly metric: string;
	readonly mode: "max" | "min";
	/** Undefined: all runs of the experiment. */
	readonly sweep?: string;
}

const BY_ACCURACY: ChartOptions = { metric: "valid/accuracy", mode: "max" };

/** The charts of an experiment's runs, best first. Sorting unfolds children. */
export function chartsUrl(
	uri: string,
	experimentId: string,
	{ metric, mode, sweep }: ChartOptions = BY_ACCURACY,
): string {
	const query = new URLSearchParams({
		workflowType: "machine_learning",
		compareRunsMode: "CHART",
		orderByKey: `metrics.\`${metric}\``,
		orderByAsc: String(mode === "min"),
		...(sweep && { searchFilter: `tags."sweep.id" = '${sweep}'` }),
	});
	return `${uri}/#/experiments/${experimentId}/runs?${query}`;
}

/** Several runs side by side. */
export function compareUrl(
	uri: string,
	targets: readonly Pick<Target, "experimentId" | "runId">[],
): string {
	const runs = JSON.stringify(targets.map(({ runId }) => runId));
	const experiments = JSON.stringify([
		...new Set(targets.map(({ experimentId }) => experimentId)),
	]);
	return `${uri}/#/compare-runs?runs=${encodeURIComponent(runs)}&experiments=${encodeURIComponent(experiments)}&workflowType=machine_learning`;
}
