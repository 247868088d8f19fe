import type { LabelledRows } from "../features/rows.ts";
import type { Json } from "../fingerprint.ts";
import { tryViews } from "../strategy/trials.ts";
import type { Pictures } from "./pictures.ts";

/** How photos of any shape become the network's square. */
export interface Policy {
	readonly name: "Resize" | "Resize + CenterCrop";
	/** In the file's words. */
	readonly transforms: readonly Json[];
	readonly reasons: readonly string[];
}

/** Squashes; nothing is cut off. */
export const SQUASH: readonly Json[] = [
	{ Resize: { size: [224, 224] } },
	"ToTensor",
	"Normalize",
];
/** The usual way, of which the borders are lost. */
export const CROP: readonly Json[] = [
	{ Resize: 256 },
	{ CenterCrop: 224 },
	"ToTensor",
	"Normalize",
];

/** Up to this ratio of the sides a crop cuts off what a photographer leaves as margin. */
const SQUARE = 1.15;

/**
 * The note's rule: a crop cuts the animal off, so that photos that are far from square are squashed; unless a head tried on
 * the training photos tells clearly more right after the crop.
 * @param rows of the same training photos by each policy; undefined where they were not tried
 */
export function choosePolicy(
	{ ratio: [ratio, most], kept }: Pictures,
	rows:
		| { readonly squash: LabelledRows; readonly crop: LabelledRows }
		| undefined,
	numClasses: number,
	seed: number,
): Policy {
	const shape = `the middle photo is ${ratio.toFixed(2)} times as long as it is wide or high, the longest ${most.toFixed(2)} times; Resize 256 and CenterCrop 224 would leave ${Math.round(100 * kept)} % of a photo`;
	if (ratio <= SQUARE)
		return {
			...{ name: "Resize + CenterCrop", transforms: CROP },
			reasons: [shape, "nearly square photos: the usual crop cuts off margins"],
		};
	const trials = rows && tryViews(rows.crop, rows.squash, numClasses, seed);
	if (trials === undefined)
		return {
			...{ name: "Resize", transforms: SQUASH },
			reasons: [shape, "a crop cuts the animal off: Resize squashes instead"],
		};
	const { one: crop, other: squash } = trials;
	const [b, c] = [crop.onlyThis, crop.onlyProbe];
	const cropWins = b - c > Math.sqrt(b + c);
	const tried = `tried on held-out folds of the training photos: Resize ${percent(squash.accuracy)}, Resize + CenterCrop ${percent(crop.accuracy)} right`;
	return cropWins
		? {
				...{ name: "Resize + CenterCrop", transforms: CROP },
				reasons: [
					shape,
					tried,
					"a crop cuts the animal off, but here it tells clearly more photos right",
				],
			}
		: {
				...{ name: "Resize", transforms: SQUASH },
				reasons: [
					shape,
					tried,
					"a crop cuts the animal off: Resize squashes instead, and the trial does not speak against it",
				],
			};
}

function percent(share: number): string {
	return `${(100 * share).toFixed(1)} %`;
}
