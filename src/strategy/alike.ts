import { layersSentence, ownSentence } from "./sentences.ts";
import type { DepthMeasures, Measures } from "./types.ts";

/**
 * Whether photos are like those that the network was trained for.
 *
 * Its own classes are asked first: what share of the labels they tell beyond chance. Between the two bounds, and where the
 * network has no classifier, the layers are: a network separates what it was trained for best at its end, and all else earlier.
 */

/**
 * Shares of the labels told beyond chance, from which on photos are alike and up to which they are not. Measured with
 * EfficientNet-Lite0, 20 photos a class: cats and dogs 72 %, the same in grey 65 %, 37 breeds 53 %, cut-out photos on white
 * 46 %, cats and dogs in a thermal camera's colours 39 %; gratings 31 %, edges of cats and dogs 23 %, spectrograms 20 %,
 * letters 17 %, cells 13 %, handwritten digits 4 %.
 */
export const TOLD_ALIKE = 0.5;
export const TOLD_UNLIKE = 0.3;

/** What is found, and the sentences that say by what. */
export interface Alike {
	readonly isAlike: boolean;
	readonly reasons: readonly string[];
}

/** Where nothing was measured, photos count as alike: linear_probe risks least. */
export function isAlike({ own, depths, isRandom }: Measures): Alike {
	if (isRandom)
		return {
			isAlike: false,
			reasons: [
				"the weights are random: there are no photos of its own that these could be like",
			],
		};
	const share = own?.share;
	const reasons: string[] = [];
	if (own !== undefined)
		reasons.push(ownSentence(own, TOLD_ALIKE, TOLD_UNLIKE));
	const told =
		share === undefined || (share > TOLD_UNLIKE && share < TOLD_ALIKE)
			? undefined
			: share >= TOLD_ALIKE;
	const layers = byLayers(depths);
	if (layers !== undefined)
		reasons.push(layersSentence(layers.last, layers.early, told === undefined));
	return { isAlike: told ?? layers?.isAlike ?? true, reasons };
}

/** By neighbours, which learn nothing; LogME alone rates long feature vectors higher. */
function byLayers(depths: readonly DepthMeasures[]) {
	const last = depths.at(-1);
	const early = depths
		.slice(0, -1)
		.reduce<DepthMeasures | undefined>(
			(best, one) =>
				best === undefined || (one.neighbours ?? 0) > (best.neighbours ?? 0)
					? one
					: best,
			undefined,
		);
	if (last?.neighbours === undefined || early?.neighbours === undefined)
		return undefined;
	return { last, early, isAlike: last.neighbours >= early.neighbours };
}
