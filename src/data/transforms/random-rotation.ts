import { withSize } from "./image.ts";
import { needPixels, type TransformKind, uniformIn } from "./kind.ts";
import {
	booleanParam,
	fillParam,
	type Params,
	pairParam,
	warpParam,
} from "./params.ts";
import { rotate } from "./rotate.ts";

/** Degrees to draw from; a single number is both directions. */
function degrees(params: Params): readonly [number, number] {
	return pairParam(params, "degrees", (value) => [-value, value]);
}

/** torchvision.transforms.RandomRotation. */
export const RandomRotation: TransformKind = {
	isRandom(params) {
		const [low, high] = degrees(params);
		return low !== high;
	},
	outputShape: (shape, params) =>
		booleanParam(params, "expand") ? withSize(shape, "?", "?") : shape,
	apply(image, params, random) {
		const pixels = needPixels(image, "RandomRotation");
		return rotate(pixels, {
			angle: uniformIn(random, degrees(params)),
			interpolation: warpParam(params),
			expand: booleanParam(params, "expand"),
			center: params.center === null ? undefined : pairParam(params, "center"),
			fill: fillParam(params, pixels.channels),
		});
	},
};
