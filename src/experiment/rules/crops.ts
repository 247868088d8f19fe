import type { Transform } from "../types.ts";
import type { Finding } from "./finding.ts";

type Path = readonly (string | number)[];

/** What is known of a photo's size at one point of the list. */
type Known =
	| { readonly height: number; readonly width: number }
	| { readonly short: number }
	| undefined;

/** Crops that are larger than what the transforms before them leave. */
export function cropRules(
	transforms: readonly Transform[],
	at: Path,
): readonly Finding[] {
	const found: Finding[] = [];
	let known: Known;
	transforms.forEach((transform, index) => {
		const path = [...at, index, transform.name];
		const fault = tooLarge(transform, known, [...path, "size"]);
		if (fault !== undefined) found.push(fault);
		known = after(transform, known);
	});
	return found;
}

function tooLarge(
	{ name, params }: Transform,
	known: Known,
	at: Path,
): Finding | undefined {
	if (known === undefined || (name !== "CenterCrop" && name !== "RandomCrop"))
		return undefined;
	const [height, width] = pair(params.size);
	const [across, down] = name === "RandomCrop" ? added(params.padding) : [0, 0];
	const room =
		"short" in known
			? { height: known.short + down, width: known.short + across }
			: { height: known.height + down, width: known.width + across };
	if (height <= room.height && width <= room.width) return undefined;
	const what =
		"short" in known
			? `photos whose short side is ${known.short}`
			: `photos of ${known.height} x ${known.width}`;
	const isPadded = name === "CenterCrop" || params.pad_if_needed === true;
	if (name === "RandomCrop" && isPadded) return undefined;
	return {
		severity: isPadded ? "warning" : "error",
		code: "crop-larger-than-resize",
		at,
		message: `${name} cuts ${height} x ${width} out of ${what}`,
		reason: isPadded
			? "where the photo ends, the crop is filled with black, as torchvision does"
			: "the photo is smaller than the crop; torchvision refuses this too",
		fix: `resize to at least ${Math.max(height, width)} before, or crop to at most ${Math.min(room.height, room.width)}`,
	};
}

/** The size after a transform. */
function after({ name, params }: Transform, known: Known): Known {
	switch (name) {
		case "Resize":
			return resized(params, known);
		case "CenterCrop":
		case "RandomCrop":
		case "RandomResizedCrop": {
			const [height, width] = pair(params.size);
			return { height, width };
		}
		case "Pad": {
			const [across, down] = added(params.padding);
			if (known === undefined || "short" in known) return undefined;
			return { height: known.height + down, width: known.width + across };
		}
		case "RandomRotation":
			return params.expand === true ? undefined : known;
		case "RandomApply":
			return undefined;
		default:
			return known;
	}
}

function resized(params: Transform["params"], known: Known): Known {
	const { size, max_size } = params;
	if (Array.isArray(size)) return { height: size[0], width: size[1] };
	if (typeof max_size === "number") return undefined;
	const short = size as number;
	if (known === undefined || "short" in known) return { short };
	const { height, width } = known;
	return width <= height
		? { height: Math.trunc((short * height) / width), width: short }
		: { height: short, width: Math.trunc((short * width) / height) };
}

function pair(size: unknown): readonly [number, number] {
	if (Array.isArray(size)) return [size[0], size[1]];
	return [size as number, size as number];
}

/** What a padding adds to width and height. */
function added(padding: unknown): readonly [number, number] {
	if (padding === null || padding === undefined) return [0, 0];
	if (!Array.isArray(padding))
		return [2 * Number(padding), 2 * Number(padding)];
	const [left, top, right = left, bottom = top] = padding;
	return [left + right, top + bottom];
}
