import { FLOAT, textList } from "../builder.ts";
import { floats, reshaped, transposed } from "../constants.ts";
import { ACTIVATION } from "../fuse.ts";
import { type Convert, made, type Place, Refusal } from "../place.ts";
import type { Constant, Value } from "../types.ts";

/** Matrix products. */

/** x · W + b of [rows, d], with what follows it. */
function linear(
	{ net, node }: Place,
	x: string,
	weight: string,
	bias: string | undefined,
): string {
	const activation = node.attributes[ACTIVATION];
	const hasActivation = typeof activation === "string";
	if (bias === undefined) {
		const product = net.add("MatMul", node.layer, [x, weight], {
			...{ T: FLOAT, transpose_a: { b: false }, transpose_b: { b: false } },
		});
		return hasActivation ? net.add(activation, node.layer, [product]) : product;
	}
	return net.add("_FusedMatMul", node.layer, [x, weight, bias], {
		...{ T: FLOAT, transpose_a: { b: false }, transpose_b: { b: false } },
		num_args: { i: "1" },
		fused_ops: textList(["BiasAdd", ...(hasActivation ? [activation] : [])]),
	});
}

/** alpha · A' · B' + beta · C with constant B and C: factors and turns go into them. */
export const gemm: Convert = (place) => {
	const { net, node } = place;
	const [a, b, c] = [place.input(0), place.input(1), place.given(2)];
	const [alpha, beta] = [place.number("alpha", 1), place.number("beta", 1)];
	if (place.number("transA", 0) !== 0)
		throw new Refusal("turns its first matrix (transA)");
	if (b.constant === undefined || (c && c.constant === undefined))
		throw new Refusal("multiplies two matrices that are computed");
	const weight = transposed(
		timed(b.constant, alpha),
		place.number("transB", 0) !== 0 ? [1, 0] : [0, 1],
	);
	const width = weight.shape[1] as number;
	const isRow = (constant: Constant) => constant.data.length === width;
	if (
		c?.constant !== undefined &&
		!isRow(c.constant) &&
		c.constant.data.length > 1
	)
		throw new Refusal("adds a matrix, not a row");
	const bias =
		c?.constant &&
		(isRow(c.constant)
			? reshaped(timed(c.constant, beta), [width])
			: floats(
					[width],
					new Float32Array(width).fill(Number(c.constant.data[0]) * beta),
				));
	const name = linear(
		place,
		net.inOrder(a, false),
		net.constant(weight, `${node.layer}/weight`),
		bias && net.constant(bias, `${node.layer}/bias`),
	);
	return made(name, place.shape(), false, ACTIVATION in node.attributes);
};

function timed(constant: Constant, factor: number): Constant {
	if (factor === 1) return constant;
	return floats(
		constant.shape,
		Float32Array.from(constant.data, (value) => value * factor),
	);
}

/** Tokens times one matrix are one product of all tokens of all photos; other leading dimensions are batches. */
export const matMul: Convert = (place) => {
	const { net, node } = place;
	const [a, b, bias] = [place.input(0), place.input(1), place.given(2)];
	const shape = place.shape();
	const isPositive = ACTIVATION in node.attributes;
	if (a.shape.length === 1 || b.shape.length === 1)
		throw new Refusal("multiplies a vector");
	if (b.shape.length !== 2 || a.shape.length === 2) {
		const [left, right] = [a, b].map((value: Value) =>
			net.inOrder(value, false),
		) as [string, string];
		const rank2 = a.shape.length === 2 && b.shape.length === 2;
		if (rank2)
			return made(
				linear(place, left, right, bias && net.inOrder(bias, false)),
				...([shape, false, isPositive] as const),
			);
		if (bias !== undefined)
			throw new Error("internal: a bias belongs to one matrix");
		const product = net.add("BatchMatMulV2", node.layer, [left, right], {
			...{ T: FLOAT, adj_x: { b: false }, adj_y: { b: false } },
		});
		return made(product, shape);
	}
	const d = a.shape.at(-1) as number;
	const rows = net.add("Reshape", `${node.layer}/rows`, [
		net.inOrder(a, false),
		net.ints([-1, d]),
	]);
	const product = linear(
		place,
		rows,
		net.inOrder(b, false),
		bias && net.inOrder(bias, false),
	);
	if (shape.filter((size) => size === -1).length > 1)
		throw new Refusal("makes two dimensions that grow with the batch");
	const name = net.add("Reshape", node.layer, [product, net.ints(shape)]);
	return made(name, shape, false, isPositive);
};
