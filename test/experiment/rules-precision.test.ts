import { type RuleCase, testRules } from "./rule-cases.ts";
import { temporaryFolder } from "./support.ts";

const random = "[RandomResizedCrop: 224, ToTensor, Normalize]";
const plain = "[Resize: { size: [224, 224] }, ToTensor, Normalize]";
const around = (train: string, views: string) =>
	`transforms: { train: ${train}, eval: ${plain} }\nmodel: { backbone: vgg16 }\ntrain: { epochs: 4, ${views} }`;

const cases: readonly RuleCase[] = [
	[
		"views-without-random",
		"error",
		"all",
		around(plain, "views: 2"),
		"2",
		around(random, "views: 2"),
	],
	[
		"views-unused",
		"warning",
		"all",
		around(random, "views: 5"),
		"5",
		around(random, "views: 4"),
	],
	[
		"int8-without-prefix",
		"warning",
		"model",
		"{ backbone: vgg16, freeze: none, precision: int8 }",
		"int8",
		"{ backbone: vgg16, freeze: all, precision: int8 }",
	],
	[
		"int8-on-tfjs",
		"error",
		"model",
		"{ backbone: vgg16, freeze: all, precision: int8, prefix_engine: tfjs }",
		"int8",
		"{ backbone: vgg16, freeze: all, precision: int8, prefix_engine: onnxruntime }",
	],
	[
		"int8-on-tfjs",
		"error",
		"model",
		"{ backbone: vgg16, freeze: all, precision: { int8: { photos: 8 } }, prefix_engine: tfjs }",
		"{ int8",
		"{ backbone: vgg16, freeze: all, feature_dtype: float16, prefix_engine: tfjs }",
	],
];

testRules(temporaryFolder(), cases);
