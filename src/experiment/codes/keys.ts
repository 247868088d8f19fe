import type { CodeEntry } from "./entry.ts";

/** Errors that the schema finds. */
export const keyCodes: Readonly<Record<string, CodeEntry>> = {
	"unknown-key": {
		title: "There is no such key here.",
		explanation:
			"Keys that mean nothing would be ignored without a word, so they are errors at every depth. The nearest name is proposed, or the place where the key belongs.",
		wrong: "train: { learing_rate: 0.01 }",
		right: "train: { learning_rate: 0.01 }",
	},
	"missing-key": {
		title: "A key that is needed is not given.",
		explanation: "graft help KEY says what it means and how it is written.",
		wrong: "transforms: [Resize, ToTensor, Normalize]",
		right: "transforms: [Resize: 256, ToTensor, Normalize]",
	},
	"wrong-type": {
		title: "The value is of another kind than the key takes.",
		explanation:
			'YAML reads 0.1 as a number and "0.1" as a text; true and false are the only words for yes and no.',
		wrong: 'train: { learning_rate: "0.1" }',
		right: "train: { learning_rate: 0.1 }",
	},
	"bad-value": {
		title: "The value is of the right kind, but not one that is allowed.",
		explanation: "The message says which values are.",
		wrong: "train: { loss: crossentropy }",
		right: "train: { loss: cross_entropy }",
	},
	"two-choices": {
		title: "Two names are given where one is chosen.",
		explanation:
			"An optimizer, a head, a layer or an item of the list of transforms is one name with its options.",
		wrong: "- Resize: 256\n  CenterCrop: 224",
		right: "- Resize: 256\n- CenterCrop: 224",
	},
	"wrong-indent": {
		title: "An option stands beside the name it belongs to, not inside it.",
		explanation:
			"After a dash, YAML counts from the first letter of the name: options are indented by four spaces from the dash.",
		wrong: "- Resize:\n  size: 256",
		right: "- Resize:\n    size: 256",
	},
};
