import { count } from "../../text.ts";
import type { Transform } from "../types.ts";
import type { Finding } from "./finding.ts";
import { lengthRules } from "./model.ts";
import { inside } from "./transform-kinds.ts";

type Path = readonly (string | number)[];

/** Parameters that [least, greatest] is written for. */
const RANGES: Readonly<Record<string, readonly string[]>> = {
	RandomResizedCrop: ["scale", "ratio"],
	RandomErasing: ["scale", "ratio"],
	RandomRotation: ["degrees"],
	ColorJitter: ["brightness", "contrast", "saturation", "hue"],
};

/** Parameters of one transform that exclude each other; follows the number of colour channels. */
export function parameterRules(
	transforms: readonly Transform[],
	at: Path,
	startChannels: 1 | 3 = 3,
): readonly Finding[] {
	let channels = startChannels;
	return transforms.flatMap((transform, index) => {
		const path = [...at, index, transform.name];
		const found = [
			...rangeRules(transform, path),
			...sizeRules(transform, path),
			...colourRules(transform, path, channels),
			...parameterRules(inside(transform), [...path, "transforms"], channels),
		];
		if (transform.name === "Grayscale")
			channels = transform.params.num_output_channels === 3 ? 3 : 1;
		return found;
	});
}

function rangeRules({ name, params }: Transform, at: Path): Finding[] {
	return (RANGES[name] ?? []).flatMap((key) => {
		const range = params[key];
		if (!Array.isArray(range) || range[0] <= range[1]) return [];
		return [
			{
				severity: "error",
				code: "reversed-range",
				at: [...at, key],
				message: `${key} of ${name} goes from ${range[0]} to ${range[1]}`,
				reason: "a range is written [least, greatest]",
				fix: `write ${key}: [${range[1]}, ${range[0]}]`,
			} as const,
		];
	});
}

function sizeRules({ name, params }: Transform, at: Path): Finding[] {
	if (name === "RandAugment") return magnitudeRules(params, at);
	const { size, max_size } = params;
	if (name !== "Resize" || typeof max_size !== "number") return [];
	if (typeof size === "number" && max_size > size) return [];
	return [
		{
			severity: "error",
			code: "max-size",
			at: [...at, "max_size"],
			message:
				typeof size === "number"
					? `max_size ${max_size} is not above size ${size}`
					: "max_size is given with a size of [height, width]",
			reason:
				"max_size bounds the long side while size sets the short one; torchvision refuses this too",
			fix:
				typeof size === "number"
					? `write a max_size above ${size}, or leave it out`
					: "remove max_size",
		},
	];
}

function magnitudeRules(params: Transform["params"], at: Path): Finding[] {
	const { magnitude, num_magnitude_bins } = params as Record<string, number>;
	if (magnitude < num_magnitude_bins) return [];
	return [
		{
			severity: "error",
			code: "magnitude-out-of-range",
			at: [...at, "magnitude"],
			message: `magnitude ${magnitude} is not below num_magnitude_bins ${num_magnitude_bins}`,
			reason:
				"magnitude numbers one of the strengths, from 0; torchvision refuses this too",
			fix: `write a magnitude from 0 to ${num_magnitude_bins - 1}`,
		},
	];
}

function colourRules(
	{ name, params }: Transform,
	at: Path,
	channels: 1 | 3,
): readonly Finding[] {
	if (name === "Normalize" && params.mean !== undefined)
		return lengthRules(
			params.mean as readonly number[],
			params.std as readonly number[],
			at,
			channels,
		);
	const key = name === "RandomErasing" ? "value" : "fill";
	const colour = params[key];
	if (!Array.isArray(colour)) return [];
	if (colour.length === channels || colour.length === 1) return [];
	return [
		{
			severity: "error",
			code: "fill-channels",
			at: [...at, key],
			message: `${key} of ${name} has ${colour.length} numbers, but the photo has ${count(channels, "channel")} here`,
			reason: "a colour has one number for each channel",
			fix: "write one number for all channels",
		},
	];
}
