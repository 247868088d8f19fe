import type { NetworkBuilder } from "./builder.ts";
import { attention, tokenLinear } from "./tokens.ts";

/**
 * torchvision's ShiftedWindowAttention on a map of known size:
 *
 *   pad to whole windows → roll → windows [n, count, 49, c] → attention in each → back
 */

/** Side of a window. */
const SIDE = 7;
const AREA = SIDE * SIDE;
/** What keeps places of a rolled window apart that were not neighbours (torchvision's number). */
const APART = -100;

/** One attention layer. */
export interface WindowAttentionOptions {
	readonly channels: number;
	readonly heads: number;
	/** Of the map. */
	readonly size: readonly [number, number];
	/** Places that the windows move down and right. */
	readonly shift: number;
}

/** Attention within windows of x [n, h, w, c]. */
export function windowAttention(
	net: NetworkBuilder,
	x: string,
	layer: string,
	{ channels, heads, size, shift }: WindowAttentionOptions,
): string {
	const [h, w] = size;
	const rows = Math.ceil(h / SIDE);
	const columns = Math.ceil(w / SIDE);
	const [paddedH, paddedW] = [rows * SIDE, columns * SIDE];
	const count = rows * columns;
	// One window along an axis sees all of it: no need to roll.
	const shifts = [rows > 1 ? shift : 0, columns > 1 ? shift : 0] as const;
	const ints = (...values: number[]) =>
		net.constant("int64", [values.length], values);
	const step = (
		op: string,
		part: string,
		inputs: readonly string[],
		attributes = {},
	) => net.node(op, layer, inputs, attributes, part);
	const isPadded = paddedH > h || paddedW > w;

	let y = x;
	if (isPadded)
		y = step("Pad", "pad", [
			y,
			ints(0, 0, 0, 0, 0, paddedH - h, paddedW - w, 0),
		]);
	y = rolled(step, ints, y, "roll", shifts);
	const perm = [0, 1, 3, 2, 4, 5];
	y = step("Reshape", "rows", [
		y,
		ints(0, rows, SIDE, columns, SIDE, channels),
	]);
	y = step("Transpose", "windows", [y], { perm });
	y = step("Reshape", "tokens", [y, ints(0, count, AREA, channels)]);

	const biases = [positionBias(net, layer, heads)];
	if (shifts[0] + shifts[1] > 0)
		biases.push(shiftMask(net, layer, rows, columns, shifts));
	y = tokenLinear(net, y, `${layer}.qkv`, [channels, 3 * channels]);
	y = attention(net, y, layer, {
		heads,
		channels,
		tokens: [count, AREA],
		biases,
	});
	y = tokenLinear(net, y, `${layer}.proj`, [channels, channels]);

	y = step("Reshape", "back_windows", [
		y,
		ints(0, rows, columns, SIDE, SIDE, channels),
	]);
	y = step("Transpose", "back_rows", [y], { perm });
	y = step("Reshape", "back_map", [y, ints(0, paddedH, paddedW, channels)]);
	const back = shifts.map((amount) => -amount) as [number, number];
	y = rolled(step, ints, y, "unroll", back);
	if (isPadded)
		y = step("Slice", "unpad", [y, ints(0, 0), ints(h, w), ints(1, 2)]);
	return net.node("Identity", layer, [y]);
}

type Step = (
	op: string,
	part: string,
	inputs: readonly string[],
	attributes?: Readonly<Record<string, number>>,
) => string;

/** The map moved up and left by `shifts`, what leaves coming back on the other side: torch.roll by their negatives. */
function rolled(
	step: Step,
	ints: (...values: number[]) => string,
	x: string,
	word: string,
	shifts: readonly [number, number],
): string {
	let y = x;
	shifts.forEach((shift, index) => {
		if (shift === 0) return;
		const axis = 1 + index;
		const part = `${word}_${axis}`;
		const far = Number.MAX_SAFE_INTEGER;
		const end = step("Slice", `${part}_first`, [
			y,
			ints(shift),
			ints(far),
			ints(axis),
		]);
		const start = step("Slice", `${part}_last`, [
			y,
			ints(0),
			ints(shift),
			ints(axis),
		]);
		y = step("Concat", part, [end, start], { axis });
	});
	return y;
}

/** float32 [heads, 49, 49]: a learnt number for how far two places of a window are apart. */
function positionBias(
	net: NetworkBuilder,
	layer: string,
	heads: number,
): string {
	const span = 2 * SIDE - 1;
	const name = `${layer}.relative_position_bias_table`;
	const table = net.parameter(name, [span * span, heads]);
	const places = Array.from({ length: AREA }, (_, i) => i);
	const [row, column] = [
		(place: number) => Math.floor(place / SIDE),
		(place: number) => place % SIDE,
	];
	const index = places.flatMap((a) =>
		places.map(
			(b) =>
				(row(a) - row(b) + SIDE - 1) * span + column(a) - column(b) + SIDE - 1,
		),
	);
	const indices = net.constant(
		"int64",
		[AREA * AREA],
		index,
		`${layer}.relative_position_index`,
	);
	const gathered = net.node(
		"Gather",
		layer,
		[table, indices],
		{ axis: 0 },
		"bias_rows",
	);
	const square = net.node(
		"Reshape",
		layer,
		[gathered, net.constant("int64", [3], [AREA, AREA, heads])],
		{},
		"bias_square",
	);
	return net.node("Transpose", layer, [square], { perm: [2, 0, 1] }, "bias");
}

/** float32 [windows, 1, 49, 49]: 0 where two places of a rolled window are of one region of the map, else APART. */
function shiftMask(
	net: NetworkBuilder,
	layer: string,
	rows: number,
	columns: number,
	[down, right]: readonly [number, number],
): string {
	const region = (at: number, size: number, shift: number) =>
		at < size - SIDE ? 0 : shift === 0 || at < size - shift ? 1 : 2;
	const regions: number[] = [];
	for (let row = 0; row < rows; row++)
		for (let column = 0; column < columns; column++)
			for (let place = 0; place < AREA; place++) {
				const y = row * SIDE + Math.floor(place / SIDE);
				const x = column * SIDE + (place % SIDE);
				regions.push(
					3 * region(y, rows * SIDE, down) + region(x, columns * SIDE, right),
				);
			}
	const count = rows * columns;
	const ids = (...shape: number[]) => net.constant("int64", shape, regions);
	const same = net.node(
		"Equal",
		layer,
		[ids(count, 1, 1, AREA), ids(count, 1, AREA, 1)],
		{},
		"same_region",
	);
	const number = (value: number) => net.constant("float32", [], [value]);
	return net.node("Where", layer, [same, number(0), number(APART)], {}, "mask");
}
