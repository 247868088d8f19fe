import { sizeOf } from "../dtypes.ts";
import { type Known, MAX_VALUES, positiveAxis, type Rule } from "./rule.ts";
import { repeated, slice, transpose } from "./select.ts";

/** Operators that arrange elements anew: reshape, transpose, concat, slice and their kin. */

const flatten: Rule = (view) => {
	const { shape, dtype } = view.input(0);
	if (!shape) return [{ dtype }];
	const axis = positiveAxis(view.int("axis", 1), shape.length);
	return [
		{ dtype, shape: [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))] },
	];
};

const reshape: Rule = (view) => {
	const { shape, dtype, values } = view.input(0);
	const wish = view.input(1).values;
	if (!wish) return [{ dtype }];
	if (!shape)
		return [
			{ dtype, shape: wish.every((size) => size > 0) ? wish : undefined },
		];
	const keepZero = view.int("allowzero", 0) === 1;
	const sizes = wish.map((size, axis) =>
		size === 0 && !keepZero ? (shape[axis] ?? 0) : size,
	);
	const known = sizeOf(sizes.filter((size) => size !== -1));
	const result = sizes.map((size) =>
		size === -1 ? sizeOf(shape) / (known || 1) : size,
	);
	const fits = sizeOf(result) === sizeOf(shape);
	return [{ dtype, shape: fits ? result : undefined, values }];
};

const concat: Rule = (view) => {
	const inputs = view.node.inputs.map((_, index) => view.input(index));
	const [first] = inputs;
	const dtype = first?.dtype;
	if (!first?.shape || inputs.some(({ shape }) => !shape)) return [{ dtype }];
	const along = positiveAxis(view.int("axis", 0), first.shape.length);
	const total = inputs.reduce(
		(sum, { shape }) => sum + (shape?.[along] ?? 0),
		0,
	);
	return [
		{
			dtype,
			shape: first.shape.map((size, axis) => (axis === along ? total : size)),
			values:
				first.shape.length === 1 && inputs.every(({ values }) => values)
					? inputs.flatMap(({ values }) => values ?? [])
					: undefined,
		},
	];
};

const split: Rule = (view) => {
	const { shape, dtype } = view.input(0);
	const count = view.node.outputs.length;
	if (!shape) return view.node.outputs.map(() => ({ dtype }));
	const along = positiveAxis(view.int("axis", 0), shape.length);
	const size = shape[along] ?? 1;
	const stated = view.ints("split") ?? view.input(1).values;
	if (!stated && view.node.inputs[1])
		return view.node.outputs.map(() => ({ dtype }));
	const each = Math.ceil(size / count);
	return view.node.outputs.map((_, index) => ({
		dtype,
		shape: shape.map((other, axis) =>
			axis === along
				? (stated?.[index] ?? Math.min(each, size - index * each))
				: other,
		),
	}));
};

const gather: Rule = (view) => {
	const { shape, dtype, values } = view.input(0);
	const indices = view.input(1);
	if (!shape || !indices.shape) return [{ dtype }];
	const axis = positiveAxis(view.int("axis", 0), shape.length);
	const result = [
		...shape.slice(0, axis),
		...indices.shape,
		...shape.slice(axis + 1),
	];
	return [
		{
			dtype,
			shape: result,
			values:
				shape.length === 1 && values
					? indices.values?.map(
							(at) => values[positiveAxis(at, values.length)] ?? 0,
						)
					: undefined,
		},
	];
};

const squeeze: Rule = (view) => {
	const { shape, dtype, values } = view.input(0);
	const stated = view.ints("axes") ?? view.input(1).values;
	if (!shape || (view.node.inputs[1] && !stated)) return [{ dtype }];
	const axes = stated?.map((axis) => positiveAxis(axis, shape.length));
	return [
		{
			dtype,
			values,
			shape: shape.filter((size, axis) =>
				axes ? !axes.includes(axis) : size !== 1,
			),
		},
	];
};

const unsqueeze: Rule = (view) => {
	const { shape, dtype, values } = view.input(0);
	const stated = view.ints("axes") ?? view.input(1).values;
	if (!shape || !stated) return [{ dtype }];
	const rank = shape.length + stated.length;
	const axes = stated.map((axis) => positiveAxis(axis, rank));
	const rest = [...shape];
	const result = Array.from({ length: rank }, (_, axis) =>
		axes.includes(axis) ? 1 : (rest.shift() ?? 1),
	);
	return [{ dtype, values, shape: result }];
};

const expand: Rule = (view) => {
	const { shape, dtype, values } = view.input(0);
	const wish = view.input(1).values;
	if (!shape || !wish) return [{ dtype }];
	const rank = Math.max(shape.length, wish.length);
	const result = Array.from({ length: rank }, (_, axis) =>
		Math.max(
			shape[shape.length - rank + axis] ?? 1,
			wish[wish.length - rank + axis] ?? 1,
		),
	);
	return [
		{
			dtype,
			shape: result,
			values:
				values && sizeOf(result) <= MAX_VALUES
					? repeated(values, shape, result)
					: undefined,
		},
	];
};

const tile: Rule = (view) => {
	const { shape, dtype } = view.input(0);
	const repeats = view.input(1).values;
	return [
		{
			dtype,
			shape: repeats && shape?.map((size, axis) => size * (repeats[axis] ?? 1)),
		},
	];
};

const pad: Rule = (view) => {
	const { shape, dtype } = view.input(0);
	const pads = view.ints("pads") ?? view.input(1).values;
	if (!shape || !pads) return [{ dtype }];
	const axes =
		view.input(3).values?.map((axis) => positiveAxis(axis, shape.length)) ??
		shape.map((_, axis) => axis);
	const result = [...shape];
	axes.forEach((axis, index) => {
		result[axis] =
			(shape[axis] ?? 1) +
			(pads[index] ?? 0) +
			(pads[index + axes.length] ?? 0);
	});
	return [{ dtype, shape: result }];
};

const constantOfShape: Rule = (view) => {
	const shape = view.input(0).values;
	const value = view.node.attributes.value;
	const filled =
		typeof value === "object" && "data" in value ? value : undefined;
	const dtype = filled?.dtype ?? "float32";
	if (!shape || sizeOf(shape) > MAX_VALUES) return [{ dtype, shape }];
	const fill = Number(filled?.data[0] ?? 0);
	const values = new Array<number>(sizeOf(shape)).fill(fill);
	return [{ dtype, shape, values }];
};

const range: Rule = (view) => {
	const [start, limit, delta] = [0, 1, 2].map(
		(index) => view.input(index).values?.[0],
	);
	const { dtype } = view.input(0);
	if (start === undefined || limit === undefined || !delta) return [{ dtype }];
	const count = Math.max(0, Math.ceil((limit - start) / delta));
	const values = Array.from({ length: count }, (_, i) => start + i * delta);
	return [
		{
			dtype,
			shape: [count],
			values: count > MAX_VALUES ? undefined : values,
		},
	];
};

const shapeOf: Rule = (view) => {
	const { shape } = view.input(0);
	if (!shape) return [{ dtype: "int64" }];
	const start = positiveAxis(view.int("start", 0), shape.length);
	const end = positiveAxis(view.int("end", shape.length), shape.length);
	const values = shape.slice(start, end);
	return [{ dtype: "int64", shape: [values.length], values }];
};

const sizeRule: Rule = (view): Known[] => {
	const { shape } = view.input(0);
	return [
		{ dtype: "int64", shape: [], values: shape ? [sizeOf(shape)] : undefined },
	];
};

function blocks(toDepth: boolean): Rule {
	return (view) => {
		const { shape, dtype } = view.input(0);
		const size = view.int("blocksize", 1);
		if (shape?.length !== 4) return [{ dtype }];
		const [n = 1, c = 1, h = 1, w = 1] = shape;
		return [
			{
				dtype,
				shape: toDepth
					? [n, c * size * size, h / size, w / size]
					: [n, c / (size * size), h * size, w * size],
			},
		];
	};
}

/** Operators that move, cut and join values. */
export const MOVEMENT_RULES: Readonly<Record<string, Rule>> = {
	Flatten: flatten,
	Reshape: reshape,
	Transpose: transpose,
	Concat: concat,
	Split: split,
	Slice: slice,
	Gather: gather,
	Squeeze: squeeze,
	Unsqueeze: unsqueeze,
	Expand: expand,
	Tile: tile,
	Pad: pad,
	ConstantOfShape: constantOfShape,
	Range: range,
	Shape: shapeOf,
	Size: sizeRule,
	DepthToSpace: blocks(false),
	SpaceToDepth: blocks(true),
};
