import type { CodeEntry } from "./entry.ts";

/** Errors of prefixes on bytes, of features in halves and of cached views. */
export const precisionCodes: Readonly<Record<string, CodeEntry>> = {
	"int8-differs": {
		title: "Features in int8 are too far from those in float32.",
		explanation:
			"Before the photos pass the network, up to 64 valid photos are compared; the mean cosine must reach model.precision.int8.min_cosine.",
		wrong: "model: { precision: int8 }",
		right: "model: { precision: float32 }",
	},
	"int8-disagrees": {
		title: "The trained head names other classes in int8 than in float32.",
		explanation:
			"After training the same valid photos are asked again by features in float32; the share of equal classes must reach model.precision.int8.min_agreement.",
		wrong: "model: { precision: int8 }",
		right: "model: { precision: float32 }",
	},
	"nothing-to-calibrate": {
		title: "No training photo could be read to calibrate int8 on.",
		explanation:
			"The values that bytes stand for come from the activations of training photos.",
	},
	"int8-without-prefix": {
		title: "The prefix is to be computed in int8, but there is none.",
		explanation:
			"Only frozen layers run in int8; what is trained stays float32. A warning.",
		wrong: "model: { freeze: none, precision: int8 }",
		right: "model: { freeze: all, precision: int8 }",
	},
	"int8-on-tfjs": {
		title: "The prefix is to be computed in int8 by tfjs.",
		explanation: "Operators on bytes are onnxruntime's alone.",
		wrong: "model: { precision: int8, prefix_engine: tfjs }",
		right: "model: { precision: int8, prefix_engine: onnxruntime }",
	},
	"feature-overflow": {
		title: "A feature is too large for float16.",
		explanation: "Its largest number is 65504.",
		wrong: "model: { feature_dtype: float16 }",
		right: "model: { feature_dtype: float32 }",
	},
	"views-without-random": {
		title: "There are views, but nothing that makes them differ.",
		explanation:
			"Views are what random transforms of the train list make of a photo; without one, all are the same.",
		wrong:
			"transforms: [Resize: 224, ToTensor, Normalize]\ntrain: { views: 4 }",
		right:
			"transforms:\n  train: [RandomResizedCrop: 224, ToTensor, Normalize]\n  eval: [Resize: 224, ToTensor, Normalize]\ntrain: { views: 4 }",
	},
	"views-unused": {
		title: "There are more views than epochs.",
		explanation:
			"Each epoch takes one view; those left over are never computed. A warning.",
		wrong: "train: { epochs: 5, views: 10 }",
		right: "train: { epochs: 5, views: 5 }",
	},
};
