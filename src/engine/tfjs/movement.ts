import { sizeOf } from "../../model/dtypes.ts";
import { need, type Operator } from "./operator.ts";

/** Operators that change shapes and no values. */

/** [d0 … d(axis-1), daxis …] → [product, product]; axis 1 unless told otherwise. */
export const flatten: Operator = (tf, { number }) => {
	const wished = number("axis", 1);
	return (inputs) => {
		const x = need(inputs, 0);
		const axis = wished < 0 ? wished + x.shape.length : wished;
		const rows = sizeOf(x.shape.slice(0, axis));
		return {
			output: tf.reshape(x, [rows, x.size / Math.max(rows, 1)]),
			gradient: (g) => [tf.reshape(g, x.shape)],
		};
	};
};

/** To a constant shape: 0 copies a dimension (unless allowzero), -1 is what is left. */
export const reshape: Operator = (tf, { number, constant }) => {
	const target = constant(1) ?? [];
	const allowZero = number("allowzero", 0) !== 0;
	return (inputs) => {
		const x = need(inputs, 0);
		const shape = target.map((dim, axis) =>
			dim === 0 && !allowZero ? (x.shape[axis] as number) : dim,
		);
		return {
			output: tf.reshape(x, shape),
			gradient: (g) => [tf.reshape(g, x.shape)],
		};
	};
};
