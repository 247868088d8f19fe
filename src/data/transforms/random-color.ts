import type { Random } from "../../random.ts";
import type { Pixels } from "../types.ts";
import { adjustBrightness, adjustContrast, adjustSaturation } from "./color.ts";
import { adjustHue } from "./hue.ts";
import {
	needPixels,
	sameShape,
	type TransformKind,
	uniformIn,
} from "./kind.ts";
import { type Params, pairParam } from "./params.ts";

type Adjust = (image: Pixels, factor: number) => Pixels;

const ADJUSTMENTS: readonly (readonly [
	name: string,
	center: number,
	adjust: Adjust,
])[] = [
	["brightness", 1, adjustBrightness],
	["contrast", 1, adjustContrast],
	["saturation", 1, adjustSaturation],
	["hue", 0, adjustHue],
];

/** The range a factor is drawn from; undefined where it would change nothing (ColorJitter._check_input). */
function factorRange(
	params: Params,
	name: string,
	center: number,
): readonly [number, number] | undefined {
	const range = pairParam(params, name, (value) => [
		center === 1 ? Math.max(0, center - value) : center - value,
		center + value,
	]);
	return range[0] === center && range[1] === center ? undefined : range;
}

/** What one call of ColorJitter does, in order: [name, factor]. */
export function drawJitter(
	params: Params,
	random: Random,
): readonly (readonly [name: string, factor: number])[] {
	const order = random.permutation(ADJUSTMENTS.length);
	const factors = ADJUSTMENTS.map(([name, center]) => {
		const range = factorRange(params, name, center);
		return range && uniformIn(random, range);
	});
	return Array.from(order).flatMap((index) => {
		const factor = factors[index];
		return factor === undefined ? [] : [[ADJUSTMENTS[index][0], factor]];
	});
}

/** torchvision.transforms.ColorJitter. */
export const ColorJitter: TransformKind = {
	isRandom: (params) =>
		ADJUSTMENTS.some(([name, center]) => {
			const range = factorRange(params, name, center);
			return range !== undefined;
		}),
	outputShape: sameShape,
	apply(image, params, random) {
		let pixels = needPixels(image, "ColorJitter");
		for (const [name, factor] of drawJitter(params, random)) {
			const found = ADJUSTMENTS.find(([other]) => other === name);
			if (found) pixels = found[2](pixels, factor);
		}
		return pixels;
	},
};
