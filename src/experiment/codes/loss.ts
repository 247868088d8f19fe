import type { CodeEntry } from "./entry.ts";

/** Errors of losses, multi-label data, sampling and mixing. */
export const lossCodes: Readonly<Record<string, CodeEntry>> = {
	"loss-needs-logits": {
		title: "bce, focal or hinge is given log-probabilities.",
		explanation:
			"They take the network's logits, above 0 for a class that is there. After LogSoftmax no number is above 0.",
		wrong:
			"replace: { classifier.6: { Linear: 2 }, classifier.7: LogSoftmax }\nloss: bce",
		right: "replace: { classifier.6: { Linear: 2 } }\nloss: bce",
	},
	"focal-alpha": {
		title: "alpha is given, but each photo has one class.",
		explanation:
			"With multi-label data alpha weighs what is there against what is not (torchvision's sigmoid_focal_loss). With one label a photo the focal loss is the softmax form, and the paper's alpha is a weight a class.",
		wrong: "train: { loss: { focal: { alpha: 0.25 } } }",
		right: "train: { loss: { focal: { class_weights: balanced } } }",
	},
	"class-weights-multi-label": {
		title: "These class_weights do not fit multi-label data.",
		explanation:
			"balanced counts photos of one class each; pos_weight: balanced counts each class by itself. focal of multi-label data has alpha in place of class weights.",
		wrong:
			"data: { manifest: labels.csv, multi_label: true }\ntrain: { loss: { bce: { class_weights: balanced } } }",
		right: "train: { loss: { bce: { pos_weight: balanced } } }",
	},
	"multi-label-manifest": {
		title: "multi_label is given without a manifest.",
		explanation:
			"A folder a class can say one class of a photo only. A manifest names any number: cat|dog in its label column, or a column of 0 and 1 a class.",
		wrong: "data: { root: photos, multi_label: true }",
		right: "data: { manifest: labels.csv, multi_label: true }",
	},
	"multi-label-loss": {
		title: "The loss takes one class a photo, the data have several.",
		explanation:
			"cross_entropy, nll and hinge choose among the classes. bce and focal ask of each class by itself whether it is there.",
		wrong:
			"data: { manifest: labels.csv, multi_label: true }\ntrain: { loss: cross_entropy }",
		right:
			"data: { manifest: labels.csv, multi_label: true }\ntrain: { loss: bce }",
	},
	"multi-label-head": {
		title: "The head chooses one class a photo, the data have several.",
		explanation:
			"logistic, svm, ridge, knn and nearest_mean are fitted at once to one class a photo. linear and mlp heads are trained with bce or focal.",
		wrong:
			"data: { manifest: labels.csv, multi_label: true }\nmodel: { backbone: vgg16, head: ridge }",
		right:
			"data: { manifest: labels.csv, multi_label: true }\nmodel: { backbone: vgg16, head: linear }\ntrain: { loss: bce }",
	},
	"multi-label-sampling": {
		title: "class_balanced cannot draw photos of several classes alike.",
		explanation:
			"Drawing a photo for one of its classes draws the others too. Weigh the loss in its place.",
		wrong:
			"data: { manifest: labels.csv, multi_label: true }\ntrain: { loss: bce, sampling: class_balanced }",
		right: "train: { loss: { bce: { pos_weight: balanced } } }",
	},
	"multi-label-floor": {
		title: "class_floor is given for photos of several classes.",
		explanation:
			"It is the share of a class's photos that are right. Of several labels a photo may be right in one and wrong in another: put a floor under a mean over the classes.",
		wrong:
			"data: { manifest: labels.csv, multi_label: true }\ngate: { class_floor: 0.8 }",
		right: "gate: { floor: { valid/average_precision: 0.8 } }",
	},
	"multi-label-verb": {
		title: "This command answers questions of one class a photo.",
		explanation:
			"crossval, data and the table of label errors deal photos by their one class. check, plan, run, sweeps, show, report, gate, finalize, compare and sync work with data.multi_label.",
	},
	"mix-hinge": {
		title: "Photos are mixed, and hinge takes whole labels.",
		explanation:
			"mixup and cutmix give a photo shares of two classes; torch.nn.MultiMarginLoss has no targets between two classes. cross_entropy, nll, bce and focal have.",
		wrong: "train: { loss: hinge, mixup: { alpha: 0.2 } }",
		right: "train: { loss: cross_entropy, mixup: { alpha: 0.2 } }",
	},
	"mix-spaces": {
		title: "mixup and cutmix are to mix at different places.",
		explanation:
			"Each batch takes one of the two, so the part that is trained must begin at one place: at the pixels, or where the frozen part ends.",
		wrong: "train: { mixup: { space: pixels }, cutmix: { space: features } }",
		right: "train: { mixup: { space: features }, cutmix: { space: features } }",
	},
	"cutmix-needs-map": {
		title: "CutMix in feature space has no rectangle to cut from.",
		explanation:
			"The rows where the frozen part ends are vectors, without height and width. mixup mixes vectors; cutmix needs pixels or a feature map (freeze less, so that the part that learns begins at a map).",
		wrong:
			"model: { backbone: resnet18, freeze: all }\ntrain: { cutmix: { space: features } }",
		right:
			"model: { backbone: resnet18, freeze: all }\ntrain: { mixup: { space: features } }",
	},
};
