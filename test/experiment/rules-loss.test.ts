import { type RuleCase, testRules } from "./rule-cases.ts";
import { temporaryFolder } from "./support.ts";

const several = "data: { manifest: x.csv, multi_label: true }";
const one = "data: { manifest: x.csv }";
const linear = "model: { backbone: vgg16, head: linear }";

/** Rules that look at several parts. */
const cases: readonly RuleCase[] = [
	[
		"loss-needs-logits",
		"error",
		"whole",
		`${one}\nmodel: { backbone: vgg16, replace: { classifier.6: { Linear: 2 }, classifier.7: LogSoftmax } }\ntrain: { loss: bce }`,
		"LogSoftmax",
		`${one}\nmodel: { backbone: vgg16, replace: { classifier.6: { Linear: 2 } } }\ntrain: { loss: bce }`,
	],
	[
		"focal-alpha",
		"error",
		"train",
		"{ loss: { focal: { alpha: 0.5 } } }",
		"0.5",
		"{ loss: { focal: { class_weights: balanced } } }",
	],
	[
		"class-weights-multi-label",
		"error",
		"whole",
		`${several}\n${linear}\ntrain: { loss: { focal: { class_weights: [1, 2] } } }`,
		"[1, 2]",
		`${several}\n${linear}\ntrain: { loss: { focal: { alpha: 0.5 } } }`,
	],
	[
		"class-weights-multi-label",
		"error",
		"whole",
		`${several}\n${linear}\ntrain: { loss: { bce: { class_weights: balanced } } }`,
		"balanced",
		`${several}\n${linear}\ntrain: { loss: { bce: { pos_weight: balanced, class_weights: [1, 2] } } }`,
	],
	[
		"multi-label-manifest",
		"error",
		"whole",
		`data: { root: x, multi_label: true }\n${linear}\ntrain: { loss: bce }`,
		"true",
		`${several}\n${linear}\ntrain: { loss: bce }`,
	],
	[
		"multi-label-loss",
		"error",
		"whole",
		`${several}\n${linear}\ntrain: { loss: hinge }`,
		"hinge",
		`${several}\n${linear}\ntrain: { loss: focal }`,
	],
	[
		"multi-label-head",
		"error",
		"whole",
		`${several}\nmodel: { backbone: vgg16, head: ridge }`,
		"ridge",
		`${several}\n${linear}\ntrain: { loss: bce }`,
	],
	[
		"multi-label-sampling",
		"error",
		"whole",
		`${several}\n${linear}\ntrain: { loss: bce, sampling: class_balanced }`,
		"class_balanced",
		`${several}\n${linear}\ntrain: { loss: bce, sampling: shuffle }`,
	],
	[
		"multi-label-floor",
		"error",
		"whole",
		`${several}\n${linear}\ntrain: { loss: bce }\ngate: { class_floor: 0.5 }`,
		"0.5",
		`${several}\n${linear}\ntrain: { loss: bce }\ngate: { floor: { valid/average_precision: 0.5 } }`,
	],
	[
		"mix-hinge",
		"error",
		"train",
		"{ loss: hinge, cutmix: { alpha: 1 } }",
		"{ alpha",
		"{ loss: focal, cutmix: { alpha: 1 } }",
	],
	[
		"mix-spaces",
		"error",
		"train",
		"{ mixup: { space: features }, cutmix: { alpha: 1 } }",
		"{ alpha",
		"{ mixup: { space: pixels }, cutmix: { alpha: 1 } }",
	],
];

testRules(temporaryFolder(), cases);
