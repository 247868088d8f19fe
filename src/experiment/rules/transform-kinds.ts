import type { Transform } from "../types.ts";

/** What the rules need to know of each transform. */

/** Take pixels: they stand before ToTensor. */
const ON_PIXELS = new Set([
	"Resize",
	"Grayscale",
	"ToTensor",
	"RandomResizedCrop",
	"RandomRotation",
	"ColorJitter",
	"TrivialAugmentWide",
	"RandAugment",
]);

/** Take tensors: they stand after ToTensor. The others take both. */
const ON_TENSORS = new Set(["Normalize", "RandomErasing", "ConvertImageDtype"]);

export function needsPixels({ name }: Transform): boolean {
	return ON_PIXELS.has(name);
}

export function needsTensor({ name }: Transform): boolean {
	return ON_TENSORS.has(name);
}

/** The transforms inside a RandomApply. */
export function inside({ params }: Transform): readonly Transform[] {
	return (params.transforms as readonly Transform[] | undefined) ?? [];
}

/** Whether two passes over one photo may differ; with p 0 or 1, or equal ends of a range, nothing is left to chance. */
export function isRandom(transform: Transform): boolean {
	const { name, params } = transform;
	const isChance = params.p !== 0 && params.p !== 1;
	switch (name) {
		case "RandomHorizontalFlip":
		case "RandomVerticalFlip":
			return isChance;
		case "RandomApply":
			return isChance || (params.p === 1 && inside(transform).some(isRandom));
		case "RandomErasing":
			return params.p !== 0;
		case "RandomRotation": {
			const { degrees } = params;
			return Array.isArray(degrees) ? degrees[0] !== degrees[1] : degrees !== 0;
		}
		case "ColorJitter":
		case "TrivialAugmentWide":
		case "RandAugment":
			return true;
		default:
			return name.startsWith("Random");
	}
}
