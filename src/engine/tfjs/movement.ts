import { sizeOf } from "../../model/dtypes.ts";
import { hostValues, intsOf } from "./host-values.ts";
import { need, type Operator, sumTo } from "./operator.ts";

/** Operators that change shapes, order or repetition, and no values. */

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

/** To a given shape: 0 copies a dimension (unless allowzero), -1 is what is left. */
export const reshape: Operator = (tf, view) => {
	const targetOf = hostValues(view, 1);
	const allowZero = view.number("allowzero", 0) !== 0;
	return (inputs) => {
		const x = need(inputs, 0);
		const shape = (targetOf(inputs) ?? []).map((dim, axis) =>
			dim === 0 && !allowZero ? (x.shape[axis] as number) : dim,
		);
		return {
			output: tf.reshape(x, shape),
			gradient: (g) => [tf.reshape(g, x.shape)],
		};
	};
};

/** Without the stated dimensions of size 1; without a statement, without all of them. */
export const squeeze: Operator = (tf, view) => {
	const axesOf = intsOf(view, "axes", 1);
	return (inputs) => {
		const x = need(inputs, 0);
		const rank = x.shape.length;
		const axes = axesOf(inputs)?.map((axis) => (axis < 0 ? axis + rank : axis));
		const shape = x.shape.filter((size, axis) =>
			axes ? !axes.includes(axis) : size !== 1,
		);
		return {
			output: tf.reshape(x, shape),
			gradient: (g) => [tf.reshape(g, x.shape)],
		};
	};
};

/** With new dimensions of size 1 at these places of the result. */
export const unsqueeze: Operator = (tf, view) => {
	const axesOf = intsOf(view, "axes", 1);
	return (inputs) => {
		const x = need(inputs, 0);
		const stated = axesOf(inputs) ?? [];
		const rank = x.shape.length + stated.length;
		const axes = stated.map((axis) => (axis < 0 ? axis + rank : axis));
		const rest = [...x.shape];
		const shape = Array.from({ length: rank }, (_, axis) =>
			axes.includes(axis) ? 1 : (rest.shift() ?? 1),
		);
		return {
			output: tf.reshape(x, shape),
			gradient: (g) => [tf.reshape(g, x.shape)],
		};
	};
};

/** Dimensions in the order of `perm`, reversed without it. */
export const transpose: Operator = (tf, { node }) => {
	const { perm } = node.attributes;
	return (inputs) => {
		const x = need(inputs, 0);
		const order = Array.isArray(perm)
			? (perm as number[])
			: x.shape.map((_, axis) => axis).reverse();
		const back = order.map((_, axis) => order.indexOf(axis));
		return {
			output: tf.transpose(x, [...order]),
			gradient: (g) => [tf.transpose(g, back)],
		};
	};
};

/** Repeated to a shape that it broadcasts to; a dimension of 1 in the shape keeps x's. */
export const expand: Operator = (tf, view) => {
	const shapeOf = hostValues(view, 1);
	return (inputs) => {
		const x = need(inputs, 0);
		const wish = shapeOf(inputs) ?? [];
		const rank = Math.max(x.shape.length, wish.length);
		const from = Array.from(
			{ length: rank },
			(_, axis) => x.shape[x.shape.length - rank + axis] ?? 1,
		);
		const shape = from.map((size, axis) => {
			const wished = wish[wish.length - rank + axis] ?? 1;
			return wished === 1 ? size : wished;
		});
		return {
			output: tf.broadcastTo(tf.reshape(x, from), shape),
			gradient: (g) => [sumTo(tf, g, x.shape)],
		};
	};
};

/** Each dimension repeated so many times, as a whole. */
export const tile: Operator = (tf, view) => {
	const repeatsOf = hostValues(view, 1);
	return (inputs) => {
		const x = need(inputs, 0);
		const repeats = repeatsOf(inputs) ?? [];
		return {
			output: tf.tile(x, [...repeats]),
			gradient(upstream) {
				let g = upstream;
				const shape = [...upstream.shape];
				repeats.forEach((count, axis) => {
					if (count === 1) return;
					shape[axis] = x.shape[axis] as number;
					const after = sizeOf(shape.slice(axis));
					const parts = tf.reshape(g, [g.size / (count * after), count, after]);
					g = tf.reshape(tf.sum(parts, 1), shape);
				});
				return [g];
			},
		};
	};
};
