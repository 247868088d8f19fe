import { count } from "../../text.ts";
import { newLayers } from "../new-layers.ts";
import type { Experiment, LayerSpec, Replacement } from "../types.ts";
import type { Finding } from "./finding.ts";

/** Backbone, weights, freeze, head and replaced layers fit together. */
export function modelRules({ model, train }: Experiment): readonly Finding[] {
	const found: Finding[] = [];
	const layers = newLayers(model.replace);
	if (model.head !== undefined && model.replace !== undefined)
		found.push({
			severity: "error",
			code: "head-and-replace",
			at: ["model", "head"],
			message: '"head" and "replace" are given together',
			reason:
				"head cuts the network's classifier off, replace keeps it and changes layers of it",
			fix: 'remove one of them; one that comes from another file is taken back by "head: null" or "replace: null"',
		});
	const keepsHead = model.head !== undefined && "keep" in model.head;
	if (keepsHead && model.features !== undefined)
		found.push({
			severity: "error",
			code: "head-keep-features",
			at: ["model", "features"],
			message: '"features" says where a head attaches, but head is keep',
			reason: "head: keep leaves the network as it is, to its end",
			fix: 'remove "features", or write head: linear',
		});
	const freezes = train.phases?.map(({ freeze }) => freeze) ?? [undefined];
	const isAllFrozen = freezes.every(
		(freeze) => (freeze ?? model.freeze) === "all",
	);
	if (
		isAllFrozen &&
		(model.head === undefined || keepsHead) &&
		!Object.values(model.replace ?? {}).some(learns)
	)
		found.push({
			severity: "error",
			code: "nothing-learns",
			at: ["model", "freeze"],
			message: keepsHead
				? "every layer is frozen, the network's own classifier too"
				: "every layer is frozen, and none that is replaced has anything to learn",
			reason:
				"only layers that head or replace add learn under freeze: all, so the learning rate has nothing to work on",
			fix: keepsHead
				? "freeze less, or write head: linear"
				: "replace the last layer with a Linear one, or freeze less",
		});
	if (model.features !== undefined && model.head === undefined)
		found.push({
			severity: "error",
			code: "features-without-head",
			at: ["model", "features"],
			message: '"features" says where the head attaches, but there is no head',
			reason: "replace keeps the network to its end",
			fix: 'remove "features", or write head: linear in place of "replace"',
		});
	return [
		...found,
		...weightsRules(model, isAllFrozen),
		...layers.flatMap(({ layer, at }) => layerRules(layer, at)),
	];
}

function weightsRules(
	{ backbone, weights }: Experiment["model"],
	isAllFrozen: boolean,
): readonly Finding[] {
	if (typeof backbone !== "string") {
		const { mean, std } = backbone.preprocess;
		const at = ["model", "backbone", "preprocess"];
		return [
			...(weights === "default" ? [] : [weightsOfOnnx(weights)]),
			...lengthRules(mean, std, at),
		];
	}
	if (weights !== "none" || !isAllFrozen) return [];
	return [
		{
			severity: "warning",
			code: "frozen-random-weights",
			at: ["model", "weights"],
			message:
				"the weights are random and stay so: weights is none and freeze is all",
			reason:
				"a head on a network that has learnt nothing is a baseline at best",
			fix: "write weights: default, or freeze: none to train from scratch",
		},
	];
}

function weightsOfOnnx(weights: string): Finding {
	return {
		severity: "error",
		code: "weights-with-onnx",
		at: ["model", "weights"],
		message: `weights is "${weights}", but the backbone is an .onnx file`,
		reason: "an .onnx file brings its own weights",
		fix: 'remove "weights"',
	};
}

/** mean and std: one number for all channels, or one each. */
export function lengthRules(
	mean: readonly number[],
	std: readonly number[],
	at: readonly (string | number)[],
	channels = 3,
): readonly Finding[] {
	const parts = [
		["mean", mean],
		["std", std],
	] as const;
	return parts
		.filter(([, { length }]) => length !== 1 && length !== channels)
		.map(([name, { length }]) => ({
			severity: "error",
			code: "normalize-length",
			at: [...at, name],
			message: `${name} has ${length} numbers, but the photo has ${count(channels, "channel")} here`,
			reason: "each channel has its own mean and std, or all share one",
			fix:
				channels === 1 ? "write one number" : `write 1 or ${channels} numbers`,
		}));
}

/** Whether a replacement has parameters. */
function learns(replacement: Replacement): boolean {
	return newLayers({ layer: replacement }).some(
		({ layer }) =>
			"Linear" in layer ||
			"Conv2d" in layer ||
			"BatchNorm1d" in layer ||
			"BatchNorm2d" in layer,
	);
}

function layerRules(
	layer: LayerSpec,
	place: readonly (string | number)[],
): readonly Finding[] {
	if (!("LogSoftmax" in layer)) return [];
	const { dim } = layer.LogSoftmax;
	if (dim === 1 || dim === -1) return [];
	return [
		{
			severity: "error",
			code: "log-softmax-dim",
			at: [...place, "LogSoftmax", "dim"],
			message: `LogSoftmax has dim ${dim}, expected 1`,
			reason:
				dim === 0
					? "dimension 0 is the batch: each photo's probabilities would depend on the other photos"
					: "the network's output is [photo, class], and the classes sum to one",
			fix: "write dim: 1",
			suggestion: "1",
		},
	];
}
