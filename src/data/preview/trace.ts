import type { Transform } from "../../experiment/types.ts";
import type { Random } from "../../random.ts";
import { centerCropBox, type Sides } from "../transforms/crop.ts";
import type { Image } from "../transforms/image.ts";
import {
	numberParam,
	numbersParam,
	type Params,
	pairParam,
	sidesOf,
	squareParam,
	transformsParam,
} from "../transforms/params.ts";
import {
	type Box,
	drawCrop,
	randomResizedBox,
} from "../transforms/random-crop.ts";
import { applyTransforms } from "../transforms.ts";

/**
 * Follows through a list of transforms which part of the photo is left: for each axis, how to get from a
 * coordinate of the current image to one of the photo, `coordinate * scale + offset`.
 */

interface Axis {
	readonly scale: number;
	readonly offset: number;
}

interface Place {
	readonly across: Axis;
	readonly down: Axis;
}

/** What a transform takes from the image before it: a box in that image's pixels, perhaps turned around. */
interface Taken {
	readonly box: Box;
	readonly flip?: "across" | "down";
}

type Size = { readonly height: number; readonly width: number };

const whole = ({ height, width }: Size): Box => ({
	top: 0,
	left: 0,
	height,
	width,
});

function padded({ height, width }: Size, sides: Sides): Box {
	const { top, left, bottom, right } = sides;
	return {
		top: -top,
		left: -left,
		height: height + top + bottom,
		width: width + left + right,
	};
}

type Follow = (size: Size, params: Params, random: Random) => Taken;

const flipped =
	(flip: "across" | "down"): Follow =>
	(size, params, random) => {
		const box = whole(size);
		return random.uniform() < numberParam(params, "p")
			? { box, flip }
			: { box };
	};

/** The transforms that move or cut; each draws exactly what its transform draws. */
const FOLLOW: Readonly<Record<string, Follow>> = {
	Resize: (size) => ({ box: whole(size) }),
	CenterCrop(size, params) {
		const [height, width] = squareParam(params, "size");
		const { sides, top, left } = centerCropBox(size, height, width);
		return {
			box: { top: top - sides.top, left: left - sides.left, height, width },
		};
	},
	Pad: (size, params) => ({
		box: padded(size, sidesOf(numbersParam(params, "padding"))),
	}),
	RandomResizedCrop: (size, params, random) => ({
		box: randomResizedBox(
			size,
			pairParam(params, "scale"),
			pairParam(params, "ratio"),
			random,
		),
	}),
	RandomCrop(size, params, random) {
		const { pads, box } = drawCrop(size, params, random);
		const sum = (side: keyof Sides) =>
			pads.reduce((total, sides) => total + sides[side], 0);
		return {
			box: { ...box, top: box.top - sum("top"), left: box.left - sum("left") },
		};
	},
	RandomHorizontalFlip: flipped("across"),
	RandomVerticalFlip: flipped("down"),
};

function through(
	axis: Axis,
	start: number,
	taken: number,
	out: number,
	flip: boolean,
): Axis {
	const scale = (axis.scale * taken) / out;
	const offset = axis.offset + axis.scale * start;
	return flip
		? { scale: -scale, offset: offset + axis.scale * taken }
		: { scale, offset };
}

interface State {
	readonly image: Image;
	readonly place: Place;
}

/** `first` and `second` are the same stream twice: one for the pixels, one for the place. */
function step(
	{ image, place }: State,
	{ name, params }: Transform,
	first: Random,
	second: Random,
): State {
	if (name === "RandomApply") {
		const start = { image, place };
		second.uniform();
		if (first.uniform() >= numberParam(params, "p")) return start;
		return transformsParam(params).reduce<State>(
			(state, inner) => step(state, inner, first, second),
			start,
		);
	}
	const follow = FOLLOW[name];
	const output = applyTransforms(image, [{ name, params }], first);
	if (!follow) {
		// Colours, erasing, rotation: they leave the place, but their numbers must be drawn.
		applyTransforms(image, [{ name, params }], second);
		return { image: output, place };
	}
	const { box, flip } = follow(image, params, second);
	const { across, down } = place;
	return {
		image: output,
		place: {
			across: through(
				across,
				box.left,
				box.width,
				output.width,
				flip === "across",
			),
			down: through(down, box.top, box.height, output.height, flip === "down"),
		},
	};
}

/** Where an axis of the output begins and how much of the photo it covers. */
function extent({ scale, offset }: Axis, size: number): [number, number] {
	const length = Math.abs(scale * size);
	return [scale < 0 ? offset - length : offset, length];
}

/**
 * The image after the transforms, and the part of the photo it shows, in the photo's pixels; it reaches beyond
 * the photo where that was padded. Rotations and shears are not followed.
 *
 * @param stream gives the same stream each time it is called.
 */
export function trace(
	photo: Image,
	transforms: readonly Transform[],
	stream: () => Random,
): { readonly image: Image; readonly kept: Box } {
	const [first, second] = [stream(), stream()];
	const start: State = {
		image: photo,
		place: {
			across: { scale: 1, offset: 0 },
			down: { scale: 1, offset: 0 },
		},
	};
	const { image, place } = transforms.reduce<State>(
		(state, transform) => step(state, transform, first, second),
		start,
	);
	const [left, width] = extent(place.across, image.width);
	const [top, height] = extent(place.down, image.height);
	return { image, kept: { top, left, height, width } };
}
