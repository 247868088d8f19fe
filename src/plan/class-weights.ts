import type { Diagnostic } from "../diagnostic.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import { nearest } from "../experiment/suggest.ts";
import { placed } from "./place.ts";

/** Whether class_weights are about the classes that there are. @param classNames undefined while photos are missing */
export function checkClassWeights(
	loaded: LoadedExperiment,
	classNames: readonly string[] | undefined,
): readonly Diagnostic[] {
	const { loss } = loaded.experiment.train;
	const [name = ""] = Object.keys(loss);
	const { class_weights: weights } =
		"nll" in loss ? loss.nll : loss.cross_entropy;
	if (weights === undefined || weights === "balanced") return [];
	if (classNames === undefined) return [];
	const path = ["train", "loss", name, "class_weights"];
	const reason = `the classes are ${classNames.slice(0, 8).join(", ")}${classNames.length > 8 ? ", …" : ""}`;
	if (Array.isArray(weights)) {
		if (weights.length === classNames.length) return [];
		return [
			placed(loaded, path, {
				severity: "error",
				code: "class-weights",
				message: `class_weights has ${weights.length} numbers, but the photos have ${classNames.length} classes`,
				reason,
				fix: "write one number per class in this order, or a map: { class: weight }",
			}),
		];
	}
	return Object.keys(weights)
		.filter((key) => !classNames.includes(key))
		.map((key) => {
			const near = nearest(key, classNames);
			return placed(loaded, [...path, key], {
				severity: "error",
				code: "class-weights",
				message: `class_weights names "${key}", which is no class of the photos`,
				reason,
				fix:
					near === undefined
						? "name one of the classes"
						: `did you mean "${near}"?`,
				...(near === undefined ? {} : { suggestion: near }),
			});
		});
}
