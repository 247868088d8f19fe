import type { Random } from "../../random.ts";
import { roundHalfEven } from "./image.ts";
import {
	needTensor,
	sameShape,
	type TransformKind,
	uniformIn,
} from "./kind.ts";
import { numberParam, numbersParam, pairParam } from "./params.ts";
import type { Box } from "./random-crop.ts";
import { erase } from "./tensor.ts";

type Range = readonly [number, number];

/**
 * RandomErasing.get_params: a box of a random share of the area and a random shape (height by width, uniform
 * in its logarithm); undefined where ten tries gave none that fits.
 */
export function randomErasingBox(
	image: { readonly height: number; readonly width: number },
	scale: Range,
	ratio: Range,
	random: Random,
): Box | undefined {
	const area = image.height * image.width;
	const logRatio: Range = [Math.log(ratio[0]), Math.log(ratio[1])];
	for (let attempt = 0; attempt < 10; attempt++) {
		const target = area * uniformIn(random, scale);
		const shape = Math.exp(uniformIn(random, logRatio));
		const height = roundHalfEven(Math.sqrt(target * shape));
		const width = roundHalfEven(Math.sqrt(target / shape));
		if (height >= image.height || width >= image.width) continue;
		const top = random.integer(image.height - height + 1);
		const left = random.integer(image.width - width + 1);
		return { top, left, height, width };
	}
	return undefined;
}

/** torchvision.transforms.RandomErasing. */
export const RandomErasing: TransformKind = {
	isRandom: (params) => numberParam(params, "p") > 0,
	outputShape: sameShape,
	apply(image, params, random) {
		const tensor = needTensor(image, "RandomErasing");
		if (random.uniform() >= numberParam(params, "p")) return tensor;
		const scale = pairParam(params, "scale");
		const ratio = pairParam(params, "ratio");
		const box = randomErasingBox(tensor, scale, ratio, random);
		if (!box) return tensor;
		if (params.value === "random")
			return erase(tensor, box, () => random.normal());
		const values = numbersParam(params, "value");
		return erase(tensor, box, (channel) => values[channel % values.length]);
	},
};
