import { phasesOf } from "../../experiment/phases.ts";
import type { RunRecord } from "../types.ts";
import type { EpochMark } from "./curves.ts";

/** Where each phase begins, between two epochs: they are counted through all phases. */
export function phaseMarks({
	experiment,
	stop,
}: RunRecord): readonly EpochMark[] {
	// A phase that ended early moved those after it, and nothing says by how much.
	if (stop !== undefined && stop.reason !== "epochs") return [];
	let before = 0;
	return (phasesOf(experiment) ?? []).flatMap(({ name, options }, index) => {
		const epoch = before + 0.5;
		before += options.epochs;
		return index === 0 ? [] : [{ epoch, text: name }];
	});
}
