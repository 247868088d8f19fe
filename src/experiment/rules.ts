import type { Diagnostic } from "../diagnostic.ts";
import { classicalRules } from "./rules/classical.ts";
import { cropRules } from "./rules/crops.ts";
import { dataRules } from "./rules/data.ts";
import type { Finding } from "./rules/finding.ts";
import { evaluationRules, gateRules } from "./rules/gate.ts";
import { lossRules } from "./rules/loss.ts";
import { modelRules } from "./rules/model.ts";
import { precisionRules } from "./rules/precision.ts";
import { strategyRules } from "./rules/strategy.ts";
import { trainRules } from "./rules/train.ts";
import { orderRules, randomRules } from "./rules/transform-order.ts";
import { parameterRules } from "./rules/transform-parameters.ts";
import type { Experiment, Strategy } from "./types.ts";
import type { Located } from "./yaml/source.ts";

/** Finds the place of a value of the experiment. */
type Locate = (path: readonly (string | number)[]) => Located | undefined;

/** The file's strategy, and whether the user himself wrote something at a path. */
export interface NamedStrategy {
	readonly strategy: Strategy;
	readonly says: (path: readonly string[]) => boolean;
}

/**
 * What a schema cannot say: values that are right alone and wrong together. Only rules that need neither
 * photos nor network; the plan has the others. A list that serves training and evaluation is reported once.
 */
export function checkRules(
	experiment: Experiment,
	locate: Locate,
	named?: NamedStrategy,
): readonly Diagnostic[] {
	const { train, eval: evaluation } = experiment.transforms;
	const isShared = samePlace(
		locate(["transforms", "train", 0]),
		locate(["transforms", "eval", 0]),
	);
	const lists = [
		[train, ["transforms", "train"]],
		...(isShared ? [] : [[evaluation, ["transforms", "eval"]] as const]),
	] as const;
	const word = locate(["strategy"]);
	const findings = [
		...strategyRules(
			experiment,
			named?.strategy,
			named?.says ?? (() => false),
			(at) =>
				locate(at)?.file === word?.file
					? `line ${word?.range.line}`
					: `${word?.file}:${word?.range.line}`,
		),
		...dataRules(experiment),
		...lists.flatMap(([list, at]) => [
			...orderRules(list, at),
			...parameterRules(list, at),
			...cropRules(list, at),
		]),
		...randomRules(evaluation, isShared),
		...modelRules(experiment),
		...precisionRules(experiment),
		...trainRules(experiment),
		...lossRules(experiment),
		...classicalRules(experiment, (path) =>
			// What the strategy says of training is no wish of the user's.
			path[0] === "train" && named && !named.says(path)
				? undefined
				: locate(path)?.file,
		),
		...gateRules(experiment),
		...evaluationRules(experiment),
	];
	return findings.map((finding) => placed(finding, locate));
}

function placed({ at, ...words }: Finding, locate: Locate): Diagnostic {
	return { ...words, ...locate(at) };
}

function samePlace(a: Located | undefined, b: Located | undefined): boolean {
	return (
		a?.file === b?.file &&
		a?.range.line === b?.range.line &&
		a?.range.column === b?.range.column
	);
}
