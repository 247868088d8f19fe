import { classicalHead, classicalName } from "../classical-types.ts";
import type { Experiment } from "../types.ts";
import type { Finding } from "./finding.ts";

/** Loss, labels, sampling and mixing fit together. */
export function lossRules(experiment: Experiment): readonly Finding[] {
	return [
		...logitsRules(experiment),
		...weightRules(experiment),
		...multiLabelRules(experiment),
		...mixRules(experiment.train),
	];
}

type Train = Experiment["train"];

function nameOf({ loss }: Train): string {
	return Object.keys(loss)[0] ?? "";
}

/** What asks each class by itself, or compares outputs, would take log-probabilities for logits. */
function logitsRules({ model, train }: Experiment): readonly Finding[] {
	const name = nameOf(train);
	const layer = Object.entries(model.replace ?? {}).find(
		([, spec]) => "LogSoftmax" in spec,
	)?.[0];
	if (layer === undefined || !["bce", "focal", "hinge"].includes(name))
		return [];
	return [
		{
			severity: "error",
			code: "loss-needs-logits",
			at: ["model", "replace", layer],
			message: `${name} takes logits, but "${layer}" is a LogSoftmax`,
			reason:
				"log-probabilities are never above 0, so no class could be said to be there",
			fix: `leave "${layer}" out, or write loss: nll`,
		},
	];
}

function weightRules({ train, data }: Experiment): readonly Finding[] {
	const { loss } = train;
	const isMulti = data.multi_label !== undefined;
	if ("focal" in loss && loss.focal.alpha !== undefined && !isMulti)
		return [
			{
				severity: "error",
				code: "focal-alpha",
				at: ["train", "loss", "focal", "alpha"],
				message:
					"alpha weighs what is there against what is not, but each photo has one class",
				reason:
					"with one label a photo the focal loss is the softmax form, where the paper's alpha is a weight a class",
				fix: "write class_weights in its place, such as class_weights: balanced",
			},
		];
	if ("focal" in loss && loss.focal.class_weights !== undefined && isMulti)
		return [
			{
				severity: "error",
				code: "class-weights-multi-label",
				at: ["train", "loss", "focal", "class_weights"],
				message: "focal takes no class_weights with multi-label data",
				reason:
					"torchvision's sigmoid_focal_loss weighs what is there against what is not, by alpha",
				fix: "write alpha in its place, or loss: { bce: { class_weights: … } }",
			},
		];
	if ("bce" in loss && loss.bce.class_weights === "balanced" && isMulti)
		return [
			{
				severity: "error",
				code: "class-weights-multi-label",
				at: ["train", "loss", "bce", "class_weights"],
				message: "class_weights: balanced counts photos of one class each",
				reason: "with multi-label data a photo belongs to several classes",
				fix: "write pos_weight: balanced, which counts each class by itself",
			},
		];
	return [];
}

function multiLabelRules({
	data,
	model,
	train,
	gate,
}: Experiment): readonly Finding[] {
	if (data.multi_label === undefined) return [];
	const found: Finding[] = [];
	if (data.manifest === undefined)
		found.push({
			severity: "error",
			code: "multi-label-manifest",
			at: ["data", "multi_label"],
			message: "multi_label is given without a manifest",
			reason: "a folder a class can say one class of a photo only",
			fix: "list the photos in a CSV file: path,label and then for example 1.jpg,cat|dog; manifest: labels.csv",
		});
	const head = classicalHead(model.head);
	if (head !== undefined) {
		found.push({
			severity: "error",
			code: "multi-label-head",
			at: ["model", "head"],
			message: `${classicalName(head)} chooses one class a photo, but data.multi_label allows several`,
			reason: "only linear and mlp heads answer each class by itself",
			fix: "write head: linear",
		});
		return found;
	}
	const name = nameOf(train);
	if (name !== "bce" && name !== "focal")
		found.push({
			severity: "error",
			code: "multi-label-loss",
			at: ["train", "loss"],
			message: `${name} takes one class a photo, but data.multi_label allows several`,
			reason: "of several labels each class is a question of its own",
			fix: "write loss: bce, or loss: focal",
			suggestion: "bce",
		});
	if (train.sampling === "class_balanced")
		found.push({
			severity: "error",
			code: "multi-label-sampling",
			at: ["train", "sampling"],
			message:
				"class_balanced draws each class alike, but a photo may have several",
			reason: "drawing a photo for one class draws its other classes too",
			fix: "weigh the loss in its place: loss: { bce: { pos_weight: balanced } }",
		});
	if (gate?.class_floor !== undefined)
		found.push({
			severity: "error",
			code: "multi-label-floor",
			at: ["gate", "class_floor"],
			message:
				"class_floor is a share of the photos of a class that are right, but photos have several classes",
			reason: "a photo may be right in one of its classes and wrong in another",
			fix: "put a floor under a mean: floor: { valid/average_precision: 0.8 }",
		});
	return found;
}

function mixRules(train: Train): readonly Finding[] {
	const { mixup, cutmix } = train;
	const found: Finding[] = [];
	const key = mixup === undefined ? "cutmix" : "mixup";
	if (mixup === undefined && cutmix === undefined) return [];
	if (nameOf(train) === "hinge")
		found.push({
			severity: "error",
			code: "mix-hinge",
			at: ["train", key],
			message: `${key} gives a photo shares of two classes, but hinge takes one`,
			reason: "torch.nn.MultiMarginLoss has no targets between two classes",
			fix: `write loss: cross_entropy, or leave ${key} out`,
		});
	if (mixup && cutmix && mixup.space !== cutmix.space)
		found.push({
			severity: "error",
			code: "mix-spaces",
			at: ["train", "cutmix"],
			message: `mixup mixes ${mixup.space}, cutmix ${cutmix.space}`,
			reason:
				"each batch takes one of the two, so both begin at the same place of the network",
			fix: `write space: ${mixup.space} in both`,
		});
	return found;
}
