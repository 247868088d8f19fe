import type { CodeEntry } from "./entry.ts";

/** Errors of heads without epochs: logistic, svm, ridge, knn, nearest_mean. */
export const classicalCodes: Readonly<Record<string, CodeEntry>> = {
	"classical-needs-frozen": {
		title: "A head without epochs stands on layers that learn.",
		explanation:
			"logistic, svm, ridge, knn and nearest_mean are fitted at once on features that stay as they are; they give no gradient to layers before them.",
		wrong: "model: { backbone: vgg16, freeze: none, head: svm }",
		right: "model: { backbone: vgg16, freeze: all, head: svm }",
	},
	"classical-random-transforms": {
		title: "A head without epochs gets photos that change each epoch.",
		explanation:
			"It sees each training photo once. Random transforms help where there are many epochs.",
		wrong:
			"transforms: { train: [RandomHorizontalFlip, …], eval: […] }\nmodel: { head: svm }",
		right: "transforms: […]\nmodel: { head: svm }",
	},
	"classical-no-onnx": {
		title: "A head that compares photos is to be written as an ONNX network.",
		explanation:
			"knn, and nearest_mean by cosine, are no linear layer; logistic, svm, ridge and nearest_mean by euclidean distance are.",
		wrong: "model: { head: knn }\ntracking: { model: onnx }",
		right: "model: { head: logistic }\ntracking: { model: onnx }",
	},
	"too-many-neighbours": {
		title: "More neighbours are asked for than there are training photos.",
		explanation: "Only photos of the train split vote.",
		wrong: "head: { knn: { n_neighbors: 500 } }",
		right: "head: { knn: { n_neighbors: 5 } }",
	},
	"one-class": {
		title: "All training photos are of one class.",
		explanation:
			"A head tells classes apart, so it needs photos of two at least.",
	},
	"train-without-effect": {
		title: "An option of train says nothing to a head without epochs.",
		explanation:
			"logistic, svm, ridge, knn and nearest_mean have their options in model.head. What comes from a file that is extended, and defaults, are passed over in silence.",
		wrong: "model: { head: svm }\ntrain: { learning_rate: 0.01 }",
		right: "model: { head: { svm: { C: 0.1 } } }",
	},
};
