import { RunError } from "../diagnostic.ts";
import type { Experiment } from "../experiment/types.ts";

/** @throws RunError "multi-label-verb" where photos have several classes, before a photo is looked at. */
export function refuseSeveralLabels(
	{ data }: Experiment,
	verb: string,
	reason: string,
): void {
	if (data.multi_label === undefined) return;
	throw new RunError(
		"multi-label-verb",
		`${verb} does not take photos of several classes (data.multi_label): ${reason}`,
		{
			fix: "run, sweep, show, report, gate and finalize do; of each class you learn more by graft show RUN",
		},
	);
}
