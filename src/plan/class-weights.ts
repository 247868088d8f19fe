import type { Diagnostic } from "../diagnostic.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import { nearest } from "../experiment/suggest.ts";
import { placed } from "./place.ts";

/** Whether class_weights and pos_weight are about the classes that there are. @param classNames undefined while photos are missing */
export function checkClassWeights(
	loaded: LoadedExperiment,
	classNames: readonly string[] | undefined,
): readonly Diagnostic[] {
	const [name = "", options] =
		Object.entries(loaded.experiment.train.loss)[0] ?? [];
	if (classNames === undefined) return [];
	return ["class_weights", "pos_weight"].flatMap((key) => {
		const weights = (options as Readonly<Record<string, unknown>>)[key];
		const isOfClasses = typeof weights === "object" && weights !== null;
		if (!isOfClasses) return [];
		const path = ["train", "loss", name, key];
		return problemsOf(loaded, path, weights, classNames);
	});
}

function problemsOf(
	loaded: LoadedExperiment,
	path: readonly string[],
	weights: object,
	classNames: readonly string[],
): readonly Diagnostic[] {
	const option = path.at(-1) as string;
	const reason = `the classes are ${classNames.slice(0, 8).join(", ")}${classNames.length > 8 ? ", …" : ""}`;
	if (Array.isArray(weights)) {
		if (weights.length === classNames.length) return [];
		return [
			placed(loaded, path, {
				severity: "error",
				code: "class-weights",
				message: `${option} has ${weights.length} numbers, but the photos have ${classNames.length} classes`,
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
				message: `${option} names "${key}", which is no class of the photos`,
				reason,
				fix:
					near === undefined
						? "name one of the classes"
						: `did you mean "${near}"?`,
				...(near === undefined ? {} : { suggestion: near }),
			});
		});
}
