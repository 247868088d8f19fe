import { classicalHead, classicalName } from "../classical-types.ts";
import type { Experiment, Freeze, Strategy } from "../types.ts";
import type { Finding } from "./finding.ts";

/** A value that makes a strategy's name untrue. */
interface Contradiction {
	readonly at: Finding["at"];
	readonly message: string;
	readonly reason: string;
	readonly fix: string;
}

/**
 * What the user writes goes before what the strategy gives, but a strategy whose name is no longer true is an error.
 * @param says whether the user, and not the strategy, wrote something at a path
 * @param placeFor place of the word, for a reader at another: `line 3`, or `base.yaml:3` from another file
 */
export function strategyRules(
	experiment: Experiment,
	strategy: Strategy | undefined,
	says: (path: readonly string[]) => boolean,
	placeFor: (at: Finding["at"]) => string,
): readonly Finding[] {
	if (strategy === undefined) return [];
	return contradictions(experiment, strategy, says).map(
		({ message, reason, ...finding }) => ({
			...finding,
			severity: "error",
			code: "strategy-contradicted",
			message: `strategy is ${strategy} (${placeFor(finding.at)}), but ${message}`,
			reason,
		}),
	);
}

function contradictions(
	{ model, train }: Experiment,
	strategy: Strategy,
	says: (path: readonly string[]) => boolean,
): readonly Contradiction[] {
	const head = classicalHead(model.head);
	const name = head ? classicalName(head) : headName(model.head);
	const { backbone, weights } = model;
	const phases = train.phases ?? [];
	switch (strategy) {
		case "auto":
			return ["freeze", "head", "replace", "features"]
				.filter((key) => says(["model", key]))
				.map((key) => ({
					at: ["model", key],
					message: `model.${key} is given`,
					reason: `auto measures which strategy fits the photos, and sets model.${key} accordingly`,
					fix: `remove "${key}", or name a strategy: linear_probe, early_layer_svm, fine_tune or retrain`,
				}));
		case "linear_probe":
			return unfrozen(
				model.freeze,
				phases,
				"a linear probe learns its head alone",
			);
		case "early_layer_svm":
			return [
				...unfrozen(
					model.freeze,
					phases,
					"the SVM is fitted at once to features that stay as they are",
				),
				...(head !== undefined && "svm" in head
					? []
					: [
							{
								at: says(["model", "replace"])
									? ["model", "replace"]
									: ["model", "head"],
								message: `its head is ${name}`,
								reason: "early_layer_svm fits a support vector machine",
								fix: "write strategy: linear_probe with model.features: { depth: 0.75 }, or leave the head to the strategy",
							},
						]),
			];
		case "fine_tune":
			return [
				...learning(
					model.freeze,
					phases,
					"all layers frozen is a linear probe",
				),
				...(weights === "none"
					? [
							{
								at: ["model", "weights"],
								message: "model.weights is none",
								reason:
									"random weights have learnt nothing that could be tuned",
								fix: "write strategy: retrain, or weights: default",
							},
						]
					: []),
				...gradientless(head && name),
			];
		case "retrain":
			return [
				...learning(
					model.freeze,
					phases,
					"random layers that stay frozen never learn",
				),
				...(typeof backbone !== "string"
					? [
							{
								at: ["model", "backbone"],
								message: "the backbone is an .onnx file",
								reason:
									"retrain starts from random weights, and an .onnx file brings its own",
								fix: "write strategy: fine_tune, or the name of a network: graft zoo lists them",
							},
						]
					: weights === "none"
						? []
						: [
								{
									at: ["model", "weights"],
									message: `model.weights is ${weights}`,
									reason: "retrain starts from random weights",
									fix: 'write strategy: fine_tune, or remove "weights"',
								},
							]),
				...gradientless(head && name),
			];
	}
}

function headName(head: Experiment["model"]["head"]): string {
	return Object.keys(head ?? { replace: {} })[0] as string;
}

/** Layers that learn where none but the head may. */
function unfrozen(
	freeze: Freeze,
	phases: NonNullable<Experiment["train"]["phases"]>,
	reason: string,
): readonly Contradiction[] {
	const fix =
		"write strategy: fine_tune, or leave the freezing to the strategy";
	const loose = phases.findIndex((phase) => (phase.freeze ?? freeze) !== "all");
	if (freeze !== "all" && (phases.length === 0 || loose >= 0))
		return [
			{
				at: ["model", "freeze"],
				message: `model.freeze is ${freezeText(freeze)}`,
				...{ reason, fix },
			},
		];
	if (loose < 0) return [];
	const text = freezeText(phases[loose]?.freeze ?? freeze);
	return [
		{
			at: ["train", "phases", loose, "freeze"],
			message: `train.phases.${loose}.freeze is ${text}`,
			...{ reason, fix },
		},
	];
}

/** Nothing of the network learns where some of it must. */
function learning(
	freeze: Freeze,
	phases: NonNullable<Experiment["train"]["phases"]>,
	reason: string,
): readonly Contradiction[] {
	const goes =
		phases.length === 0
			? [freeze]
			: phases.map((each) => each.freeze ?? freeze);
	if (goes.some((each) => each !== "all")) return [];
	const isModel = freeze === "all";
	return [
		{
			at: isModel ? ["model", "freeze"] : ["train", "phases", 0, "freeze"],
			message: isModel ? "model.freeze is all" : "every phase freezes all",
			reason,
			fix: "write strategy: linear_probe, or leave the freezing to the strategy",
		},
	];
}

/** A head that passes no gradient on. @param name of a head without epochs */
function gradientless(name: string | undefined): readonly Contradiction[] {
	if (name === undefined) return [];
	return [
		{
			at: ["model", "head"],
			message: `its head is ${name}`,
			reason: `${name} is fitted at once and gives no gradient to the layers before it`,
			fix: "write head: linear or mlp, or strategy: linear_probe",
		},
	];
}

function freezeText(freeze: Freeze): string {
	return typeof freeze === "string" ? freeze : JSON.stringify(freeze);
}
