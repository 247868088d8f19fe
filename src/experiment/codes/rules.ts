import type { CodeEntry } from "./entry.ts";

/** Errors between fields: data, model and train. */
export const ruleCodes: Readonly<Record<string, CodeEntry>> = {
	"same-split": {
		title: "Two splits have one name.",
		explanation:
			"Accuracy on photos that were trained on says nothing about new ones.",
		wrong: "data: { root: photos, train: all, valid: all }",
		right: "data: { root: photos/all, split: { valid: 0.2 } }",
	},
	"split-shares": {
		title: "The drawn shares leave nothing to train on.",
		explanation: "The train split is what remains of 1.",
		wrong: "split: { valid: 0.5, test: 0.5 }",
		right: "split: { valid: 0.2, test: 0.1 }",
	},
	"split-and-names": {
		title: "Split folders are named, and a split is drawn too.",
		explanation:
			"With split, the folders under root are classes; without it, they are splits with classes in them.",
		wrong: "data: { root: photos, valid: val, split: { valid: 0.2 } }",
		right: "data: { root: photos, split: { valid: 0.2 } }",
	},
	"group-by-pattern": {
		title: "group_by is no pattern with a parenthesis in it.",
		explanation:
			"Without a manifest there are no columns, so group_by is a regular expression on each photo's relative path; what its first parenthesis matches is the group.",
		wrong: "group_by: patient",
		right: "group_by: '(patient[0-9]+)_'",
	},
	"head-and-replace": {
		title: "head and replace are given together.",
		explanation:
			"head cuts the network's own classifier off and puts a new one on the features; replace keeps the network and changes layers of it. A key that comes from another file is taken back by null.",
		wrong:
			"model: { backbone: vgg16, head: linear, replace: { classifier.6: { Linear: 2 } } }",
		right:
			"model: { backbone: vgg16, replace: { classifier.6: { Linear: 2 } } }",
	},
	"nothing-learns": {
		title: "Every layer is frozen, and nothing new is added that could learn.",
		explanation:
			"A head learns, and so do Linear layers in replace. Everything else follows freeze.",
		wrong:
			"model: { backbone: vgg16, freeze: all, replace: { classifier.5: Identity } }",
		right: "model: { backbone: vgg16, freeze: all, head: linear }",
	},
	"features-without-head": {
		title: "features says where the head attaches, but there is no head.",
		explanation: "replace keeps the network to its end.",
		wrong:
			"model: { backbone: vgg16, features: classifier.3, replace: { classifier.6: { Linear: 2 } } }",
		right: "model: { backbone: vgg16, features: classifier.3, head: linear }",
	},
	"weights-with-onnx": {
		title: "Weights are named for a backbone that brings its own.",
		explanation: "An .onnx file holds the network and its weights.",
		wrong:
			"model: { backbone: { onnx: trunk.onnx, … }, weights: other.safetensors }",
		right: "model: { backbone: { onnx: trunk.onnx, … } }",
	},
	"frozen-random-weights": {
		title: "The network has random weights and keeps them.",
		explanation:
			"A head on random features is a baseline at best, so this is a warning.",
		wrong: "model: { backbone: vgg16, weights: none, freeze: all }",
		right: "model: { backbone: vgg16, weights: none, freeze: none }",
	},
	"log-softmax-dim": {
		title: "LogSoftmax does not run over the classes.",
		explanation:
			"The network's output is [photo, class]: dim 1. With dim 0 the probabilities of one photo would depend on the others of its batch.",
		wrong: "classifier.7: { LogSoftmax: { dim: 0 } }",
		right: "classifier.7: { LogSoftmax: { dim: 1 } }",
	},
	"nll-needs-log-softmax": {
		title: "The nll loss is given logits.",
		explanation:
			"torch.nn.NLLLoss takes log-probabilities; on plain logits it falls without limit while nothing is learnt. cross_entropy is LogSoftmax and nll in one.",
		wrong: "model: { backbone: vgg16, head: linear }\ntrain: { loss: nll }",
		right:
			"model: { backbone: vgg16, head: linear }\ntrain: { loss: cross_entropy }",
	},
	"cross-entropy-after-log-softmax": {
		title: "cross_entropy is given log-probabilities.",
		explanation:
			"It applies LogSoftmax itself. LogSoftmax of log-probabilities gives them back, so the result is right and the second one costs time: a warning.",
		wrong:
			"replace: { classifier.6: { Linear: 2 }, classifier.7: LogSoftmax }\nloss: cross_entropy",
		right:
			"replace: { classifier.6: { Linear: 2 }, classifier.7: LogSoftmax }\nloss: nll",
	},
	"nesterov-needs-momentum": {
		title: "nesterov is given without momentum, or with dampening.",
		explanation:
			"Nesterov's method looks one step ahead along the momentum. torch.optim.SGD refuses this too.",
		wrong: "optimizer: { sgd: { nesterov: true } }",
		right: "optimizer: { sgd: { momentum: 0.9, nesterov: true } }",
	},
	"normalize-length": {
		title:
			"mean or std has another count of numbers than the photo has channels.",
		explanation:
			"Each channel has its own mean and std, or all share one. A colour photo has three channels, after Grayscale one.",
		wrong: "- Normalize: { mean: [0.5, 0.5], std: [0.5, 0.5] }",
		right: "- Normalize: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }",
	},
};
