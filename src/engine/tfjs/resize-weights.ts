import type { GraphNode } from "../../model/types.ts";

/** How Resize makes each place of one axis of places of the input (https://onnx.ai/onnx/operators/onnx__Resize.html). */
export interface ResizeRule {
	readonly mode: string;
	readonly coordinates: string;
	readonly nearest: string;
	readonly cubic: number;
	readonly excludeOutside: boolean;
}

/** What the node's attributes say. */
export function resizeRule({ op, attributes }: GraphNode): ResizeRule {
	const text = (name: string, otherwise: string) => {
		const value = attributes[name];
		return typeof value === "string" ? value : otherwise;
	};
	const { cubic_coeff_a = -0.75, exclude_outside = 0 } = attributes;
	const upsample = op === "Upsample";
	return {
		mode: text("mode", "nearest"),
		coordinates: upsample
			? "asymmetric"
			: text("coordinate_transformation_mode", "half_pixel"),
		nearest: upsample ? "floor" : text("nearest_mode", "round_prefer_floor"),
		cubic: Number(cubic_coeff_a),
		excludeOutside: exclude_outside === 1,
	};
}

/** float32 [to, from] row-major: each row's weights sum up to 1. `scale`: as given, else to / from. */
export function resizeMatrix(
	from: number,
	to: number,
	scale: number,
	rule: ResizeRule,
): Float32Array {
	const matrix = new Float32Array(to * from);
	for (let place = 0; place < to; place++) {
		const at = sourceOf(place, from, to, scale, rule.coordinates);
		const taps = tapsOf(at, rule);
		const inside = ({ index }: Tap) => index >= 0 && index < from;
		const kept = rule.excludeOutside ? taps.filter(inside) : taps;
		const total = kept.reduce((sum, { weight }) => sum + weight, 0);
		for (const { index, weight } of kept) {
			const held = Math.min(Math.max(index, 0), from - 1);
			matrix[place * from + held] += weight / total;
		}
	}
	return matrix;
}

function sourceOf(
	place: number,
	from: number,
	to: number,
	scale: number,
	coordinates: string,
): number {
	switch (coordinates) {
		case "asymmetric":
			return place / scale;
		case "align_corners":
			return to === 1 ? 0 : (place * (from - 1)) / (to - 1);
		case "pytorch_half_pixel":
			return to > 1 ? (place + 0.5) / scale - 0.5 : 0;
		case "half_pixel_symmetric": {
			const centre = (from / 2) * (1 - to / (scale * from));
			return centre + (place + 0.5) / scale - 0.5;
		}
		default:
			return (place + 0.5) / scale - 0.5;
	}
}

interface Tap {
	readonly index: number;
	readonly weight: number;
}

function tapsOf(at: number, rule: ResizeRule): readonly Tap[] {
	if (rule.mode === "nearest")
		return [{ index: nearestTo(at, rule.nearest), weight: 1 }];
	const base = Math.floor(at);
	const part = at - base;
	if (rule.mode === "linear")
		return [
			{ index: base, weight: 1 - part },
			{ index: base + 1, weight: part },
		];
	return [-1, 0, 1, 2].map((offset) => ({
		index: base + offset,
		weight: cubicWeight(Math.abs(part - offset), rule.cubic),
	}));
}

/** Keys 1981, with a = -0.5 or PyTorch's -0.75. */
function cubicWeight(t: number, a: number): number {
	if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
	if (t < 2) return ((a * t - 5 * a) * t + 8 * a) * t - 4 * a;
	return 0;
}

function nearestTo(at: number, how: string): number {
	switch (how) {
		case "floor":
			return Math.floor(at);
		case "ceil":
			return Math.ceil(at);
		case "round_prefer_ceil":
			return Math.floor(at + 0.5);
		default:
			return Math.ceil(at - 0.5);
	}
}
