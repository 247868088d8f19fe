import { displayWidth, duration, paint, printable } from "../text.ts";
import {
	countStates,
	type LiveTask,
	type LiveTrial,
	type Progress,
} from "./progress.ts";
import type { TrialState } from "./types.ts";

/** A sweep that goes on, as lines: how many trials are where, what runs, the best so far. */

interface TableOptions {
	readonly color: boolean;
	readonly width: number;
	/** Most lines. */
	readonly height: number;
}

/** The live table; no line wider than the terminal. */
export function tableLines(
	progress: Progress,
	{ color, width, height }: TableOptions,
): readonly string[] {
	const running = [...progress.tasks.values()].map((task) =>
		taskLine(task, progress.trials),
	);
	const room = Math.max(1, height - 3);
	const shown = running.slice(0, room);
	const lines = [
		bar(progress, width),
		...shown.map((line) => `  ${line}`),
		...(running.length > room ? [`  … ${running.length - room} more`] : []),
		...bestLine(progress),
	].map((line) => cut(line, width - 1));
	return lines.map((line, index) =>
		paint(line, index === 0 ? "bold" : undefined, color),
	);
}

/** `31/52 trials  1 failed  4 running  valid/accuracy 0.9123 (…)  12 s left`. */
export function plainLine(progress: Progress): string {
	return [counts(progress), ...bestLine(progress)].join("  ");
}

function counts({ trials, secondsLeft }: Progress): string {
	const by = countStates(trials.values());
	const words = [
		`${by.FINISHED + by.PRUNED}/${trials.size} trials`,
		...(by.PRUNED > 0 ? [`${by.PRUNED} of them pruned`] : []),
		...(by.FAILED > 0 ? [`${by.FAILED} failed`] : []),
		...(by.RUNNING > 0 ? [`${by.RUNNING} running`] : []),
		...(secondsLeft !== undefined && by.RUNNING + by.PENDING > 0
			? [`${duration(Math.max(1, secondsLeft), 0)} left`]
			: []),
	];
	return words.join("  ");
}

function bar(progress: Progress, width: number): string {
	const text = counts(progress);
	const room = Math.min(30, width - displayWidth(text) - 3);
	if (room < 5) return text;
	const { FINISHED, PRUNED, FAILED } = countStates(progress.trials.values());
	const share =
		(FINISHED + PRUNED + FAILED) / Math.max(1, progress.trials.size);
	const filled = Math.floor(room * share);
	return `${"━".repeat(filled)}${"─".repeat(room - filled)}  ${text}`;
}

/** `cpu 0  stacked  52 trials  epoch 3–10/10`. */
function taskLine(
	{ task, place, features }: LiveTask,
	trials: ReadonlyMap<string, LiveTrial>,
): string {
	const states = task.trials.flatMap((id) => trials.get(id) ?? []);
	const what =
		states.length === 1 && task.kind !== "extraction"
			? valuesText((states[0] as LiveTrial).values)
			: `${states.length} trials`;
	return [place, task.kind, what, ...stepText(states, features)].join("  ");
}

function stepText(
	states: readonly LiveTrial[],
	features: LiveTask["features"],
): readonly string[] {
	const epochs = states.filter(({ epoch }) => epoch > 0);
	if (epochs.length > 0) {
		const least = Math.min(...epochs.map(({ epoch }) => epoch));
		const most = Math.max(...epochs.map(({ epoch }) => epoch));
		const asked = Math.max(...epochs.map((state) => state.epochs));
		return [`epoch ${least === most ? most : `${least}–${most}`}/${asked}`];
	}
	if (features === undefined || features.total === 0) return [];
	return [`features ${features.done}/${features.total}`];
}

function bestLine({ best, objective }: Progress): readonly string[] {
	if (best === undefined) return [];
	return [bestText(best, objective.metric)];
}

/** `best valid/accuracy 0.9123  train.learning_rate=0.01  run heads-0123456789ab`. */
export function bestText(best: TrialState, metric: string): string {
	const value = best.metrics[metric];
	return `best ${metric} ${value?.toFixed(4)}  ${valuesText(best.values)}`;
}

/** The swept keys and their values. */
export function valuesText(values: TrialState["values"]): string {
	return Object.entries(values)
		.map(([key, value]) => {
			const text = typeof value === "string" ? value : JSON.stringify(value);
			return printable(`${key}=${text}`);
		})
		.join(" ");
}

function cut(line: string, width: number): string {
	if (displayWidth(line) <= width) return line;
	let text = "";
	for (const character of line) {
		if (displayWidth(text + character) > width - 1) break;
		text += character;
	}
	return `${text}…`;
}
