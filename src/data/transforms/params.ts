import type { Interpolation, Transform } from "../../experiment/types.ts";
import type { WarpInterpolation } from "./affine.ts";
import type { PaddingMode, Sides } from "./crop.ts";

/**
 * Reads the parameters of transforms. They were validated and completed by the experiment room, so anything
 * else than expected is a mistake of ours: plain errors that begin with "internal:".
 */

/** A transform's parameters by torchvision's names. */
export type Params = Transform["params"];

function wrong(name: string, value: unknown, expected: string): Error {
	return new Error(
		`internal: transform parameter ${name} is ${JSON.stringify(value)}, expected ${expected}`,
	);
}

const isNumber = (value: unknown): value is number =>
	typeof value === "number" && Number.isFinite(value);

/** A finite number. */
export function numberParam(params: Params, name: string): number {
	const value = params[name];
	if (!isNumber(value)) throw wrong(name, value, "a number");
	return value;
}

/** true or false. */
export function booleanParam(params: Params, name: string): boolean {
	const value = params[name];
	if (typeof value !== "boolean") throw wrong(name, value, "true or false");
	return value;
}

/** A list of numbers; a bare number is a list of one. */
export function numbersParam(params: Params, name: string): readonly number[] {
	const value = params[name];
	const list = isNumber(value) ? [value] : value;
	if (!Array.isArray(list) || !list.every(isNumber))
		throw wrong(name, value, "numbers");
	return list;
}

/** [low, high], or `ofNumber` of a single number. */
export function pairParam(
	params: Params,
	name: string,
	ofNumber?: (value: number) => readonly [number, number],
): readonly [number, number] {
	const list = numbersParam(params, name);
	if (list.length === 1 && ofNumber) return ofNumber(list[0]);
	if (list.length !== 2) throw wrong(name, params[name], "two numbers");
	return [list[0], list[1]];
}

/** [height, width] of a `size`; a single number is a square. */
export function squareParam(
	params: Params,
	name: string,
): readonly [number, number] {
	return pairParam(params, name, (value) => [value, value]);
}

/** One value a channel, cut to integers as torchvision's _parse_fill does; null is 0. */
export function fillParam(params: Params, channels: number): readonly number[] {
	const list = params.fill === null ? [0] : numbersParam(params, "fill");
	if (list.length === 1) return new Array(channels).fill(Math.trunc(list[0]));
	if (list.length !== channels)
		throw wrong("fill", list, `one number or ${channels}`);
	return list.map(Math.trunc);
}

/** Padding as torchvision reads it: one number, [x, y], or [left, top, right, bottom]. */
export function sidesOf(list: readonly number[]): Sides {
	const [left, top = left, right = left, bottom = top] = list;
	if (![1, 2, 4].includes(list.length))
		throw wrong("padding", list, "1, 2 or 4 numbers");
	return { left, top, right, bottom };
}

const PADDING_MODES = ["constant", "edge", "reflect", "symmetric"];
const INTERPOLATIONS = [
	"nearest",
	"nearest-exact",
	"bilinear",
	"bicubic",
	"box",
	"hamming",
	"lanczos",
];

/** `padding_mode` of a transform. */
export function paddingModeParam(params: Params): PaddingMode {
	const value = params.padding_mode;
	if (typeof value !== "string" || !PADDING_MODES.includes(value))
		throw wrong("padding_mode", value, PADDING_MODES.join(", "));
	return value as PaddingMode;
}

/** `interpolation` of a transform. */
export function interpolationParam(params: Params): Interpolation {
	const value = params.interpolation;
	if (typeof value !== "string" || !INTERPOLATIONS.includes(value))
		throw wrong("interpolation", value, INTERPOLATIONS.join(", "));
	return value as Interpolation;
}

/** An interpolation for rotations and shears, where Pillow knows but three. */
export function warpParam(params: Params): WarpInterpolation {
	const value = interpolationParam(params);
	if (value === "nearest-exact") return "nearest";
	if (value === "nearest" || value === "bilinear" || value === "bicubic")
		return value;
	throw wrong("interpolation", value, "nearest, bilinear or bicubic");
}

/** The nested list of RandomApply: `[{ name, params }, …]`. */
export function transformsParam(params: Params): readonly Transform[] {
	const value = params.transforms;
	if (!Array.isArray(value)) throw wrong("transforms", value, "a list");
	return value.map((item: Transform) => {
		if (typeof item?.name !== "string" || typeof item.params !== "object")
			throw wrong("transforms", item, "{ name, params }");
		return item;
	});
}
