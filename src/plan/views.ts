import type { EvaluationOptions, Transform } from "../experiment/types.ts";
import { fingerprint, type Json } from "../fingerprint.ts";
import type { Pipeline } from "./types.ts";

/** The ways of a photo whose probabilities are averaged by test-time augmentation; features of each are cached like any other. */
export function viewsOf(
	pipeline: Pipeline,
	tta: NonNullable<EvaluationOptions["tta"]>,
): readonly Pipeline[] {
	const { transforms } = pipeline;
	const lists = {
		hflip: () => [transforms, flippedBefore(transforms, "ToTensor")],
		five_crop: () => fiveCrops(transforms),
		ten_crop: () => [
			...fiveCrops(transforms),
			...fiveCrops(flippedBefore(transforms, "CenterCrop")),
		],
	}[tta]();
	return lists.map((list) =>
		list === transforms ? pipeline : withTransforms(pipeline, list),
	);
}

/** torchvision.transforms.FiveCrop: top left, top right, bottom left, bottom right, centre. */
function fiveCrops(
	transforms: readonly Transform[],
): readonly (readonly Transform[])[] {
	const at = transforms.findIndex(({ name }) => name === "CenterCrop");
	const corners = ["top_left", "top_right", "bottom_left", "bottom_right"].map(
		(corner) =>
			transforms.map((transform, index) =>
				index === at
					? { name: "CornerCrop", params: { ...transform.params, corner } }
					: transform,
			),
	);
	return [...corners, transforms];
}

/** Flipped for certain, just before the first transform of that name: torchvision's TenCrop flips the photo, then crops it. */
function flippedBefore(
	transforms: readonly Transform[],
	name: string,
): readonly Transform[] {
	const at = transforms.findIndex((transform) => transform.name === name);
	const flip = { name: "RandomHorizontalFlip", params: { p: 1 } };
	return at === -1
		? [...transforms, flip]
		: [...transforms.slice(0, at), flip, ...transforms.slice(at)];
}

function withTransforms(
	pipeline: Pipeline,
	transforms: readonly Transform[],
): Pipeline {
	const { featureSource } = pipeline;
	if (featureSource === undefined) return { ...pipeline, transforms };
	const source = {
		...(featureSource as { readonly [part: string]: Json }),
		transforms: transforms as unknown as Json,
	};
	return {
		...pipeline,
		transforms,
		featureSource: source,
		featureKey: fingerprint(source),
	};
}
