import { broadcast, positiveAxis, type Rule } from "./rule.ts";

/** Matrix products, reductions and resizing. */

const gemm: Rule = (view) => {
	const { shape: a, dtype } = view.input(0);
	const { shape: b } = view.input(1);
	if (!a || !b) return [{ dtype }];
	const rows = view.int("transA", 0) ? a[1] : a[0];
	const columns = view.int("transB", 0) ? b[0] : b[1];
	return [{ dtype, shape: [rows ?? 1, columns ?? 1] }];
};

/** numpy.matmul: the last two axes multiply, the others broadcast; a vector loses its added axis again. */
const matMul: Rule = (view) => {
	const { shape: a, dtype } = view.input(0);
	const { shape: b } = view.input(1);
	if (!a?.length || !b?.length) return [{ dtype }];
	const left = a.length === 1 ? [1, ...a] : a;
	const right = b.length === 1 ? [...b, 1] : b;
	const batch = broadcast(left.slice(0, -2), right.slice(0, -2));
	if (!batch) return [{ dtype }];
	const shape = [...batch];
	if (a.length > 1) shape.push(left.at(-2) ?? 1);
	if (b.length > 1) shape.push(right.at(-1) ?? 1);
	return [{ dtype, shape }];
};

/** Letters are sizes; without "->" the result is those that appear once, sorted. */
const einsum: Rule = (view) => {
	const { dtype } = view.input(0);
	const [left = "", right] = view
		.text("equation", "")
		.replace(/\s/g, "")
		.split("->");
	const sizes = new Map<string, number>();
	for (const [index, term] of left.split(",").entries()) {
		const { shape } = view.input(index);
		if (!shape || shape.length !== term.length) return [{ dtype }];
		[...term].forEach((letter, axis) => {
			sizes.set(letter, Math.max(sizes.get(letter) ?? 1, shape[axis] ?? 1));
		});
	}
	const letters = [...left.replaceAll(",", "")];
	const once = letters.filter(
		(letter) => letters.indexOf(letter) === letters.lastIndexOf(letter),
	);
	const shape = [...(right ?? once.sort().join(""))].map(
		(letter) => sizes.get(letter) ?? 1,
	);
	return [{ dtype, shape }];
};

const reduce: Rule = (view) => {
	const { shape, dtype } = view.input(0);
	const axes = view.ints("axes") ?? view.input(1).values;
	if (!shape || (view.node.inputs[1] && !axes)) return [{ dtype }];
	const keep = view.int("keepdims", 1) === 1;
	const none = !axes?.length;
	if (none && view.int("noop_with_empty_axes", 0) === 1)
		return [{ dtype, shape }];
	const reduced = none
		? shape.map((_, axis) => axis)
		: axes.map((axis) => positiveAxis(axis, shape.length));
	const result = shape.flatMap((size, axis) =>
		!reduced.includes(axis) ? [size] : keep ? [1] : [],
	);
	return [{ dtype, shape: result }];
};

const argReduce: Rule = (view) => {
	const { shape } = view.input(0);
	if (!shape) return [{ dtype: "int64" }];
	const along = positiveAxis(view.int("axis", 0), shape.length);
	const keep = view.int("keepdims", 1) === 1;
	return [
		{
			dtype: "int64",
			shape: shape.flatMap((size, axis) =>
				axis !== along ? [size] : keep ? [1] : [],
			),
		},
	];
};

/** Inputs: x, roi, scales, sizes; Upsample: x, scales. */
const resize: Rule = (view) => {
	const { shape, dtype } = view.input(0);
	const upsample = view.node.op === "Upsample";
	const scales = view.input(upsample ? 1 : 2).values;
	const sizes = upsample ? undefined : view.input(3).values;
	const axes = view.ints("axes");
	if (!shape || axes) return [{ dtype }];
	if (sizes?.length) return [{ dtype, shape: sizes }];
	return [
		{
			dtype,
			shape: scales?.length
				? shape.map((size, axis) => Math.floor(size * (scales[axis] ?? 1)))
				: undefined,
		},
	];
};

const REDUCTIONS =
	"ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare";

/** Matrix products, reductions and resizing. */
export const PRODUCT_RULES: Readonly<Record<string, Rule>> = {
	...Object.fromEntries(REDUCTIONS.split(" ").map((op) => [op, reduce])),
	Einsum: einsum,
	Gemm: gemm,
	MatMul: matMul,
	ArgMax: argReduce,
	ArgMin: argReduce,
	Resize: resize,
	Upsample: resize,
};
