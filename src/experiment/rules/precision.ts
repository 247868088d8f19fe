import type { Experiment } from "../types.ts";
import type { Finding } from "./finding.ts";
import { isRandom } from "./transform-kinds.ts";

/** Precision, views and what they need fit together. */
export function precisionRules({
	model,
	train,
	transforms,
}: Experiment): readonly Finding[] {
	const found: Finding[] = [];
	const isInt8 = model.precision !== undefined && "int8" in model.precision;
	if (isInt8 && model.freeze === "none" && train.phases === undefined)
		found.push({
			severity: "warning",
			code: "int8-without-prefix",
			at: ["model", "precision"],
			message: "precision is int8, but no layer is frozen",
			reason: "what is trained is computed in float32",
			fix: 'remove "precision", or freeze the first layers: freeze: all',
		});
	if (isInt8 && model.prefix_engine === "tfjs")
		found.push({
			severity: "error",
			code: "int8-on-tfjs",
			at: ["model", "precision"],
			message: "precision is int8, and prefix_engine is tfjs",
			reason: "only onnxruntime computes on bytes",
			fix: 'remove "prefix_engine", or write precision: float32',
		});
	const { views, epochs } = train;
	if (views === undefined) return found;
	if (!transforms.train.some(isRandom))
		found.push({
			severity: "error",
			code: "views-without-random",
			at: ["train", "views"],
			message: `views is ${views}, but no transform of the train list is random`,
			reason: "all views of a photo would be the same",
			fix: 'remove "views", or add a random transform to transforms.train: RandomHorizontalFlip',
		});
	else if (views > epochs)
		found.push({
			severity: "warning",
			code: "views-unused",
			at: ["train", "views"],
			message: `there are ${views} views of each photo, but ${epochs} epochs`,
			reason: "each epoch takes one view, so the others are never computed",
			fix: `write views: ${epochs}`,
			suggestion: String(epochs),
		});
	return found;
}
