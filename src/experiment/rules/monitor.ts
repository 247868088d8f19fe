import type { EarlyStopping, Monitor, MonitorMode } from "../types.ts";
import type { Finding } from "./finding.ts";

/** A loss is better when it is smaller, an accuracy when it is larger. */
export function monitorRules(
	monitor: Monitor,
	mode: MonitorMode,
	at: readonly string[],
): readonly Finding[] {
	const right = monitor.endsWith("accuracy") ? "max" : "min";
	if (mode === "auto" || mode === right) return [];
	return [
		{
			severity: "warning",
			code: "monitor-mode",
			at,
			message: `mode is ${mode} for ${monitor}: a ${mode === "max" ? "larger loss" : "smaller accuracy"} counts as better`,
			reason: "what gets worse would be taken for the best",
			fix: `write mode: ${right}, or leave mode out`,
			suggestion: right,
		},
	];
}

/** early_stopping can end training, or keeps the best epoch. */
export function stoppingRules(
	{ monitor, mode, patience, restore_best }: EarlyStopping,
	epochs: number,
): readonly Finding[] {
	const at = ["train", "early_stopping"];
	const found = [...monitorRules(monitor, mode, [...at, "mode"])];
	if (patience + 1 >= epochs && !restore_best)
		found.push({
			severity: "warning",
			code: "option-without-effect",
			at: [...at, "patience"],
			message: `patience is ${patience}, but training has ${epochs} ${epochs === 1 ? "epoch" : "epochs"}: it never ends early`,
			reason:
				"the first epoch sets the measure, and patience epochs that are no better must follow",
			fix: "lower patience, train for more epochs, or leave early_stopping out",
		});
	return found;
}
