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

/** Whether it must stand before ToTensor. */
export function needsPixels({ name }: Transform): boolean {
	return ON_PIXELS.has(name);
}

/** Whether it must stand after ToTensor. */
export function needsTensor({ name }: Transform): boolean {
	return ON_TENSORS.has(name);
}

/** The transforms inside a RandomApply. */
export function inside({ params }: Transform): readonly Transform[] {
	return (params.transforms as readonly Transform[] | undefined) ?? [];
}

/**
 * Whether two passes over one photo may differ, as the transforms themselves say it (data/transforms.ts, which this
 * room cannot ask; a test holds them equal). With p 0 or 1, or equal ends of a range, nothing is left to chance.
 */
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
			return Object.entries(UNCHANGED).some(([key, factor]) =>
				jitters(params[key], factor),
			);
		case "TrivialAugmentWide":
		case "RandAugment":
			return true;
		default:
			return name.startsWith("Random");
	}
}

/** ColorJitter's factors that change nothing. */
const UNCHANGED = { brightness: 1, contrast: 1, saturation: 1, hue: 0 };

function jitters(range: unknown, unchanged: number): boolean {
	if (!Array.isArray(range)) return range !== 0;
	return range.some((end) => end !== unchanged);
}
