import { readRun } from "../runs/record.ts";
import { objectiveOf, rankedTrials } from "./best-trial.ts";
import { chartsUrl, compareUrl } from "./links.ts";
import { readSent } from "./state.ts";

/** Runs on a page that compares them: more are unreadable. */
const MOST_COMPARED = 10;

/** Where a sweep is looked at in MLflow. */
export interface SweepLinks {
	/** Charts of its runs alone, the best first, trials unfolded. */
	readonly charts: string;
	/** Its best trials side by side; undefined where fewer than two are on the server. */
	readonly compare: string | undefined;
}

/**
 * From what was noted when the sweep and its trials were sent; undefined where the sweep never was.
 * @throws RunError "no-journal", "no-start"
 */
export function sweepLinks(
	sweepFolder: string,
	uri: string,
): SweepLinks | undefined {
	const sent = readSent(sweepFolder, uri);
	if (sent === undefined) return undefined;
	const { runId, experiment } = readRun(sweepFolder);
	const objective = objectiveOf(experiment);
	const targets = rankedTrials(sweepFolder, experiment)
		.flatMap(({ folder }) => {
			const place = readSent(folder, uri);
			if (place === undefined) return [];
			return [{ experimentId: place.experiment_id, runId: place.run_id }];
		})
		.slice(0, MOST_COMPARED);
	return {
		charts: chartsUrl(uri, sent.experiment_id, { ...objective, sweep: runId }),
		compare: targets.length > 1 ? compareUrl(uri, targets) : undefined,
	};
}
