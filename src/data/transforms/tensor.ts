import type { FloatImage, Pixels } from "../types.ts";

/** From bytes to float32 and on: ToTensor, Normalize, RandomErasing's erase. Each step rounds as torch's does. */

const { fround } = Math;

/** What Normalize does: channels put in order, then (x * scale - mean) / std. */
export interface Normalization {
	readonly mean: readonly number[];
	readonly std: readonly number[];
	/** What a white pixel is before mean and std. */
	readonly scale: number;
	readonly channels: "RGB" | "BGR";
}

function normalizeValue(
	value: number,
	{ mean, std, scale }: Normalization,
	channel: number,
): number {
	const centred = fround(fround(value * fround(scale)) - fround(mean[channel]));
	return fround(centred / fround(std[channel]));
}

/** A mean or std of one number counts for every channel. */
function spread(normalization: Normalization, channels: number): Normalization {
	const each = (values: readonly number[], name: string) => {
		if (values.length === channels) return values;
		if (values.length === 1) return new Array<number>(channels).fill(values[0]);
		throw new Error(
			`internal: Normalize has ${values.length} numbers in ${name} for ${channels} channels`,
		);
	};
	const { mean, std } = normalization;
	return { ...normalization, mean: each(mean, "mean"), std: each(std, "std") };
}

/** Which input channel is output channel `channel`. */
function sourceChannel(
	channel: number,
	count: number,
	order: Normalization["channels"],
): number {
	return order === "BGR" ? count - 1 - channel : channel;
}

/**
 * functional.to_tensor, and functional.normalize in the same pass where it is given: uint8 [h, w, c] becomes
 * float32 [c, h, w]. All 256 values of a channel are computed once, step by step in float32, so the result is
 * torch's to the last bit.
 */
export function toTensor(
	image: Pixels,
	normalization?: Normalization,
): FloatImage {
	const { data: source, height, width, channels } = image;
	const plane = height * width;
	const data = new Float32Array(plane * channels);
	const full = normalization && spread(normalization, channels);
	for (let channel = 0; channel < channels; channel++) {
		const table = new Float32Array(256);
		for (let value = 0; value < 256; value++) {
			const unit = fround(value / 255);
			table[value] = full ? normalizeValue(unit, full, channel) : unit;
		}
		const order = full?.channels ?? "RGB";
		const target = data.subarray(channel * plane, (channel + 1) * plane);
		let from = sourceChannel(channel, channels, order);
		for (let to = 0; to < plane; to++) {
			target[to] = table[source[from]];
			from += channels;
		}
	}
	return { data, channels, height, width };
}

/** functional.normalize of a tensor. */
export function normalize(
	image: FloatImage,
	normalization: Normalization,
): FloatImage {
	const { channels, height, width } = image;
	const full = spread(normalization, channels);
	const plane = height * width;
	const data = new Float32Array(plane * channels);
	for (let channel = 0; channel < channels; channel++) {
		const from = sourceChannel(channel, channels, full.channels) * plane;
		for (let at = 0; at < plane; at++)
			data[channel * plane + at] = normalizeValue(
				image.data[from + at],
				full,
				channel,
			);
	}
	return { data, channels, height, width };
}

/** functional.erase: a box of the tensor filled by `value(channel, index in the box)`. */
export function erase(
	image: FloatImage,
	box: {
		readonly top: number;
		readonly left: number;
		readonly height: number;
		readonly width: number;
	},
	value: (channel: number, index: number) => number,
): FloatImage {
	const { channels, height, width } = image;
	const data = Float32Array.from(image.data);
	for (let channel = 0; channel < channels; channel++) {
		let index = 0;
		for (let y = box.top; y < box.top + box.height; y++)
			for (let x = box.left; x < box.left + box.width; x++)
				data[(channel * height + y) * width + x] = value(channel, index++);
	}
	return { data, channels, height, width };
}
