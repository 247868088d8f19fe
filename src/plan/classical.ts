import type { Diagnostic } from "../diagnostic.ts";
import {
	type Candidates,
	type ClassicalHead,
	classicalHead,
	classicalName,
} from "../experiment/classical-types.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import { placed } from "./place.ts";
import { pixelStages } from "./stages.ts";
import type { DataFacts } from "./types.ts";

/** A head without epochs needs features that never change: what stands in its way. */
export function checkClassical(
	loaded: LoadedExperiment,
	trainable: readonly string[],
	added: readonly string[],
	data: DataFacts | undefined,
): readonly Diagnostic[] {
	const { model, transforms } = loaded.experiment;
	const head = classicalHead(model.head);
	if (head === undefined) return [];
	const name = classicalName(head);
	const found: Diagnostic[] = [];
	const others = trainable.filter((parameter) => !added.includes(parameter));
	if (others.length > 0)
		found.push(
			placed(loaded, ["model", "freeze"], {
				severity: "error",
				code: "classical-needs-frozen",
				message: `a ${name} head is fitted at once, but layers before it learn: ${others.slice(0, 3).join(", ")}${others.length > 3 ? `, and ${others.length - 3} more` : ""}`,
				reason:
					"it gives no gradient, and its features would be others after each step",
				fix: "write freeze: all, or head: linear",
			}),
		);
	const random = pixelStages(transforms.train).find(({ isRandom }) => isRandom);
	if (random !== undefined)
		found.push(
			placed(loaded, ["transforms", "train"], {
				severity: "error",
				code: "classical-random-transforms",
				message: `a ${name} head sees each training photo once, but ${random.name} draws another one each time`,
				reason:
					"there are no epochs in which the draws could even each other out",
				fix: `take ${random.name} out of the train transforms, or write head: linear`,
			}),
		);
	const { tracking } = loaded.experiment;
	const isLinear =
		!("knn" in head) &&
		!("nearest_mean" in head && head.nearest_mean.metric === "cosine");
	if (tracking?.model === "onnx" && !isLinear)
		found.push(
			placed(loaded, ["tracking", "model"], {
				severity: "error",
				code: "classical-no-onnx",
				message: `a ${name} head cannot be written into an ONNX network`,
				reason:
					"it compares photos instead of multiplying their features with weights",
				fix: "write tracking.model: head, or head: logistic",
			}),
		);
	const photos = data?.counts.train;
	if ("knn" in head && photos !== undefined && head.knn.n_neighbors > photos)
		found.push(
			placed(loaded, ["model", "head", "knn", "n_neighbors"], {
				severity: "error",
				code: "too-many-neighbours",
				message: `${head.knn.n_neighbors} neighbours are asked for, but the train split has ${photos} photos`,
				reason: "only training photos vote",
				fix: `write n_neighbors: ${Math.min(5, photos)}`,
			}),
		);
	return found;
}

/** One line: "svm, squared hinge, C of 0.0001 … 10000 (9) by folds of the training photos, standardized". */
export function describeClassical(head: ClassicalHead): string {
	const [name, options] = Object.entries(head)[0] as [string, unknown];
	const words: string[] = [name.replaceAll("_", " ")];
	if ("svm" in head) words.push(head.svm.loss.replace("_", " "));
	if ("logistic" in head) words.push(candidates("C", head.logistic.C));
	if ("svm" in head) words.push(candidates("C", head.svm.C));
	if ("ridge" in head) words.push(candidates("alpha", head.ridge.alpha));
	if ("knn" in head)
		words.push(
			`${head.knn.n_neighbors} neighbours by ${head.knn.metric} distance`,
			`${head.knn.weights} votes`,
		);
	if ("nearest_mean" in head)
		words.push(`${head.nearest_mean.metric} distance`);
	const shared = options as { class_weight?: string; standardize: boolean };
	if (shared.class_weight === "balanced") words.push("classes balanced");
	if (shared.standardize) words.push("features standardized");
	return words.join(", ");
}

function candidates(name: "C" | "alpha", value: Candidates): string {
	if (typeof value === "number") return `${name} ${value}`;
	const how =
		name === "C"
			? "chosen on folds of the training photos"
			: "chosen by leaving training photos out";
	return `${name} ${value === "auto" ? "by powers of ten" : `of ${value.join(", ")}`} ${how}`;
}
