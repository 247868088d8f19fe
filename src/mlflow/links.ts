import type { Target } from "./attach.ts";

/** Addresses of MLflow's pages. */

/** One run. Without workflowType the page opens in MLflow's GenAI view. */
export function runUrl(
	uri: string,
	{ experimentId, runId }: Pick<Target, "experimentId" | "runId">,
): string {
	return `${uri}/#/experiments/${experimentId}/runs/${runId}?workflowType=machine_learning`;
}

/**
 * The charts of an experiment's runs, best first. Sorting unfolds children.
 */
export function chartsUrl(uri: string, experimentId: string): string {
	const query = new URLSearchParams({
		workflowType: "machine_learning",
		compareRunsMode: "CHART",
		orderByKey: "metrics.`valid/accuracy`",
		orderByAsc: "false",
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
	return `${uri}/#/compare-runs?runs=${encodeURIComponent(runs)}&experiments=${encodeURIComponent(experiments)}`;
}
