import assert from "node:assert/strict";
import test from "node:test";
import { around, type RuleCase, testRules } from "./rule-cases.ts";
import { faults, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();

const TAIL = "ToTensor, Normalize]";
const EVAL = "eval: [Resize: 256, CenterCrop: 224, ToTensor, Normalize] }";

const cases: readonly RuleCase[] = [
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
];

testRules(folder, cases);

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
