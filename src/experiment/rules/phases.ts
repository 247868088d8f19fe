import { phasesOf } from "../phases.ts";
import type { Experiment, TrainOptions } from "../types.ts";
import type { Finding } from "./finding.ts";

/** The phases fit together, and each is right as a training of its own. */
export function phaseRules(
	{ train, model }: Pick<Experiment, "train" | "model">,
	rulesOf: (options: TrainOptions) => readonly Finding[],
): readonly Finding[] {
	const { phases = [], epochs } = train;
	const found: Finding[] = [];
	const sum = phases.reduce((total, phase) => total + phase.epochs, 0);
	if (sum !== epochs)
		found.push({
			severity: "error",
			code: "epochs-and-phases",
			at: ["train", "epochs"],
			message: `train.epochs is ${epochs}, but the epochs of the phases are ${sum} together`,
			reason: "with phases, each says its own epochs",
			fix: 'remove "epochs" of train; one that comes from another file is taken back by "epochs: null"',
		});
	phases.forEach(({ name }, index) => {
		if (phases.findIndex((other) => other.name === name) < index)
			found.push({
				severity: "error",
				code: "phase-name-twice",
				at: ["train", "phases", index, "name"],
				message: `two phases are called "${name}"`,
				reason: "journals and reports tell phases by their names",
				fix: "give each a name of its own",
			});
	});
	phasesOf({ train, model })?.forEach(({ options }, index) => {
		for (const finding of rulesOf(options))
			found.push({ ...finding, at: moved(finding.at, phases[index], index) });
	});
	return withoutDoubles(found);
}

/** `train.schedule…` of a phase that has its own is `train.phases.1.schedule…`. */
function moved(
	at: Finding["at"],
	phase: object | undefined,
	index: number,
): Finding["at"] {
	const [, key, ...rest] = at;
	return typeof key === "string" && phase !== undefined && key in phase
		? ["train", "phases", index, key, ...rest]
		: at;
}

/** What phases inherit is wrong once. */
function withoutDoubles(found: readonly Finding[]): readonly Finding[] {
	const seen = new Set<string>();
	return found.filter(({ code, at }) => {
		const key = JSON.stringify([code, at]);
		if (seen.has(key)) return false;
		seen.add(key);
		return true;
	});
}
