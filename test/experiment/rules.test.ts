import assert from "node:assert/strict";
import test from "node:test";
import { faults, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();

/** A whole experiment around some of its parts. */
function around(parts: {
	data?: string;
	transforms?: string;
	model?: string;
	train?: string;
}): string {
	return `data: ${parts.data ?? "{ root: photos }"}
transforms: ${parts.transforms ?? "[Resize: 256, CenterCrop: 224, ToTensor, Normalize]"}
model: ${parts.model ?? "{ backbone: vgg16 }"}
train: ${parts.train ?? "{}"}
`;
}

type Case = readonly [
	code: string,
	severity: "error" | "warning",
	/** The part that is wrong, what the error points at in it, and the part put right. */
	part: "data" | "transforms" | "model" | "train" | "all",
	wrong: string,
	pointsAt: string,
	right: string,
];

const TAIL = "ToTensor, Normalize]";
const EVAL = "eval: [Resize: 256, CenterCrop: 224, ToTensor, Normalize] }";

const cases: readonly Case[] = [
	[
		"same-split",
		"error",
		"data",
		"{ root: x, valid: train }",
		"train",
		"{ root: x, valid: val }",
	],
	[
		"same-split",
		"error",
		"data",
		"{ root: x, test: valid }",
		"valid",
		"{ root: x, test: test }",
	],
	[
		"split-shares",
		"error",
		"data",
		"{ root: x, split: { valid: 0.5, test: 0.5 } }",
		"0.5",
		"{ root: x, split: { valid: 0.5, test: 0.4 } }",
	],
	[
		"split-and-names",
		"error",
		"data",
		"{ root: x, valid: val, split: 0.2 }",
		"val",
		"{ root: x, valid: valid, split: 0.2 }",
	],
	[
		"group-by-pattern",
		"error",
		"data",
		"{ root: x, split: { group_by: patient } }",
		"patient",
		"{ root: x, split: { group_by: '(p[0-9]+)' } }",
	],
	[
		"group-by-pattern",
		"error",
		"data",
		"{ root: x, split: { group_by: '(p' } }",
		"'(p'",
		"{ manifest: x.csv, split: { group_by: patient } }",
	],
	[
		"to-tensor-missing",
		"error",
		"transforms",
		"[CenterCrop: 224]",
		"[CenterCrop: 224]",
		"[CenterCrop: 224, ToTensor]",
	],
	[
		"to-tensor-order",
		"error",
		"transforms",
		`[Normalize, CenterCrop: 224, ToTensor]`,
		"Normalize",
		`[CenterCrop: 224, ${TAIL}`,
	],
	[
		"to-tensor-order",
		"error",
		"transforms",
		`[ToTensor, Normalize, Resize: { size: [8, 8] }]`,
		"Resize: { size: [8, 8] }",
		`[Resize: { size: [8, 8] }, ${TAIL}`,
	],
	[
		"to-tensor-order",
		"error",
		"transforms",
		`[CenterCrop: 224, ToTensor, ToTensor]`,
		"ToTensor]",
		`[ToTensor, CenterCrop: 224, Pad: 2]`,
	],
	[
		"to-tensor-order",
		"error",
		"transforms",
		`{ train: [CenterCrop: 224, ToTensor, RandAugment], ${EVAL}`,
		"RandAugment",
		`{ train: [RandAugment, CenterCrop: 224, ToTensor, RandomErasing], ${EVAL}`,
	],
	[
		"normalize-twice",
		"error",
		"transforms",
		`[CenterCrop: 224, ToTensor, Normalize, Normalize: {}]`,
		"Normalize: {}",
		`[CenterCrop: 224, ${TAIL}`,
	],
	[
		"random-apply-steps",
		"error",
		"transforms",
		`{ train: [CenterCrop: 224, ToTensor, RandomApply: [Normalize]], ${EVAL}`,
		"RandomApply: [Normalize]",
		`{ train: [CenterCrop: 224, RandomApply: [Grayscale: 3], ${TAIL}, ${EVAL}`,
	],
	[
		"random-in-eval",
		"error",
		"transforms",
		`[CenterCrop: 224, RandomHorizontalFlip, ${TAIL}`,
		"RandomHorizontalFlip",
		`[CenterCrop: 224, RandomHorizontalFlip: 1, ${TAIL}`,
	],
	[
		"random-in-eval",
		"error",
		"transforms",
		`{ train: [CenterCrop: 224, ${TAIL}, eval: [RandomCrop: 224, ${TAIL} }`,
		"RandomCrop: 224",
		`{ train: [RandomCrop: 224, ${TAIL}, eval: [CenterCrop: 224, ${TAIL} }`,
	],
	[
		"random-in-eval",
		"error",
		"transforms",
		`[CenterCrop: 224, RandomRotation: 5, ${TAIL}`,
		"RandomRotation: 5",
		`[CenterCrop: 224, RandomRotation: [90, 90], ${TAIL}`,
	],
	[
		"crop-larger-than-resize",
		"warning",
		"transforms",
		`[Resize: 200, CenterCrop: 224, ${TAIL}`,
		"224",
		`[Resize: 224, CenterCrop: 224, ${TAIL}`,
	],
	[
		"crop-larger-than-resize",
		"warning",
		"transforms",
		`[Resize: { size: [200, 300] }, CenterCrop: [224, 224], ${TAIL}`,
		"[224, 224]",
		`[Resize: { size: [224, 300] }, CenterCrop: [224, 224], ${TAIL}`,
	],
	[
		"crop-larger-than-resize",
		"error",
		"transforms",
		`{ train: [Resize: 200, RandomCrop: 224, ${TAIL}, ${EVAL}`,
		"224",
		`{ train: [Resize: 200, RandomCrop: { size: 224, padding: 12 }, ${TAIL}, ${EVAL}`,
	],
	[
		"reversed-range",
		"error",
		"transforms",
		`{ train: [RandomResizedCrop: { size: 8, scale: [1, 0.5] }, ${TAIL}, ${EVAL}`,
		"[1, 0.5]",
		`{ train: [RandomResizedCrop: { size: 8, scale: [0.5, 1] }, ${TAIL}, ${EVAL}`,
	],
	[
		"reversed-range",
		"error",
		"transforms",
		`{ train: [RandomApply: [ColorJitter: { hue: [0.1, -0.1] }], CenterCrop: 8, ${TAIL}, ${EVAL}`,
		"[0.1, -0.1]",
		`{ train: [RandomApply: [ColorJitter: { hue: [-0.1, 0.1] }], CenterCrop: 8, ${TAIL}, ${EVAL}`,
	],
	[
		"max-size",
		"error",
		"transforms",
		`[Resize: { size: 256, max_size: 256 }, CenterCrop: 224, ${TAIL}`,
		"256 }",
		`[Resize: { size: 256, max_size: 257 }, CenterCrop: 224, ${TAIL}`,
	],
	[
		"max-size",
		"error",
		"transforms",
		`[Resize: { size: [8, 8], max_size: 9 }, ${TAIL}`,
		"9",
		`[Resize: { size: [8, 8], max_size: null }, ${TAIL}`,
	],
	[
		"magnitude-out-of-range",
		"error",
		"transforms",
		`{ train: [RandAugment: { magnitude: 31 }, CenterCrop: 8, ${TAIL}, ${EVAL}`,
		"31",
		`{ train: [RandAugment: { magnitude: 30 }, CenterCrop: 8, ${TAIL}, ${EVAL}`,
	],
	[
		"fill-channels",
		"error",
		"transforms",
		`[Grayscale, Pad: { padding: 1, fill: [0, 0, 9] }, CenterCrop: 8, ToTensor]`,
		"[0, 0, 9]",
		`[Grayscale: 3, Pad: { padding: 1, fill: [0, 0, 9] }, CenterCrop: 8, ToTensor]`,
	],
	[
		"normalize-length",
		"error",
		"transforms",
		"[CenterCrop: 8, ToTensor, Normalize: { mean: [0, 0], std: [1] }]",
		"[0, 0]",
		"[CenterCrop: 8, ToTensor, Normalize: { mean: [0], std: [1, 1, 1] }]",
	],
	[
		"normalize-length",
		"error",
		"model",
		"{ backbone: { onnx: a.onnx, preprocess: { mean: [1, 2], std: [1] } } }",
		"[1, 2]",
		"{ backbone: { onnx: a.onnx, preprocess: { mean: [1, 2, 3], std: [1] } } }",
	],
	[
		"head-and-replace",
		"error",
		"model",
		"{ backbone: vgg16, head: linear, replace: { classifier.6: { Linear: 2 } } }",
		"linear",
		"{ backbone: vgg16, replace: { classifier.6: { Linear: 2 } } }",
	],
	[
		"nothing-learns",
		"error",
		"model",
		"{ backbone: vgg16, freeze: all, replace: { classifier.5: Identity } }",
		"all",
		"{ backbone: vgg16, freeze: none, replace: { classifier.5: Identity } }",
	],
	[
		"features-without-head",
		"error",
		"model",
		"{ backbone: vgg16, features: classifier.3, replace: { classifier.6: { Linear: 2 } } }",
		"classifier.3",
		"{ backbone: vgg16, features: classifier.3 }",
	],
	[
		"weights-with-onnx",
		"error",
		"model",
		"{ backbone: { onnx: a.onnx, preprocess: { mean: [0], std: [1] } }, weights: none }",
		"none",
		"{ backbone: { onnx: a.onnx, preprocess: { mean: [0], std: [1] } }, weights: default }",
	],
	[
		"frozen-random-weights",
		"warning",
		"model",
		"{ backbone: vgg16, weights: none }",
		"none",
		"{ backbone: vgg16, weights: none, freeze: none }",
	],
	[
		"log-softmax-dim",
		"error",
		"all",
		"model: { backbone: vgg16, replace: { classifier.6: { Linear: 2 }, classifier.7: { LogSoftmax: { dim: 0 } } } }\ntrain: { loss: nll }",
		"0 }",
		"model: { backbone: vgg16, replace: { classifier.6: { Linear: 2 }, classifier.7: { LogSoftmax: { dim: -1 } } } }\ntrain: { loss: nll }",
	],
	[
		"nll-needs-log-softmax",
		"error",
		"train",
		"{ loss: nll }",
		"nll",
		"{ loss: cross_entropy }",
	],
	[
		"nll-needs-log-softmax",
		"error",
		"all",
		"model: { backbone: vgg16, replace: { classifier.6: { Linear: 2 } } }\ntrain: { loss: nll }",
		"nll",
		"model: { backbone: vgg16, replace: { classifier.6: { Linear: 2 }, classifier.7: LogSoftmax } }\ntrain: { loss: nll }",
	],
	[
		"cross-entropy-after-log-softmax",
		"warning",
		"model",
		"{ backbone: vgg16, replace: { classifier.6: { Linear: 2 }, classifier.7: LogSoftmax } }",
		"LogSoftmax",
		"{ backbone: vgg16, replace: { classifier.6: { Linear: 2 } } }",
	],
	[
		"nesterov-needs-momentum",
		"error",
		"train",
		"{ optimizer: { sgd: { nesterov: true } } }",
		"true",
		"{ optimizer: { sgd: { nesterov: true, momentum: 0.9 } } }",
	],
	[
		"nesterov-needs-momentum",
		"error",
		"train",
		"{ optimizer: { sgd: { nesterov: true, momentum: 0.9, dampening: 0.1 } } }",
		"true",
		"{ optimizer: { sgd: { nesterov: false, momentum: 0.9, dampening: 0.1 } } }",
	],
];

for (const [code, severity, part, wrong, pointsAt, right] of cases) {
	const whole = (text: string) =>
		part === "all" ? `data: { root: x }\n${text}\n` : around({ [part]: text });
	test(`${code}: ${wrong.replaceAll("\n", " ")}`, () => {
		const found = faults(folder, whole(wrong));
		assert.deepEqual(
			found.map((each) => [each.code, each.severity]),
			[[code, severity]],
		);
		const [fault] = found;
		const start = (fault?.range?.column ?? 0) - 1;
		const line = fault?.source ?? "";
		assert.ok(
			line.slice(start).startsWith(pointsAt),
			`${line.slice(start)} is pointed at`,
		);
		assert.ok(fault?.reason && fault.fix);
		assert.deepEqual(faults(folder, whole(right)), []);
	});
}

test("mistakes of one list that serves both are said once, of two lists at each", () => {
	const shared = faults(folder, around({ transforms: "[CenterCrop: 8]" }));
	assert.equal(shared.length, 1);
	const both = faults(
		folder,
		around({ transforms: "{ train: [CenterCrop: 8], eval: [CenterCrop: 8] }" }),
	);
	assert.equal(both.length, 2);
});

test("a warning alone leaves the experiment valid", () => {
	const found = faults(
		folder,
		around({ transforms: "[Resize: 8, CenterCrop: 9, ToTensor]" }),
	);
	assert.deepEqual(
		found.map(({ severity }) => severity),
		["warning"],
	);
});
