import type { Tensor } from "@tensorflow/tfjs-core";
import { intsOf } from "./host-values.ts";
import { need, type Operator } from "./operator.ts";

/** Tensors side by side, and apart again, along one axis. */

/** All inputs in a row. */
export const concat: Operator = (tf, view) => {
	const wished = view.number("axis", 0);
	return (inputs) => {
		const given = inputs.map((_, index) => need(inputs, index));
		const axis = view.axis(wished, need(given, 0).shape.length);
		return {
			output: given.length === 1 ? need(given, 0) : tf.concat(given, axis),
			gradient(g, wanted) {
				let start = 0;
				return given.map(({ shape }, index) => {
					const begin = shape.map(() => 0);
					begin[axis] = start;
					start += shape[axis] as number;
					return wanted[index] ? tf.slice(g, begin, shape) : undefined;
				});
			},
		};
	};
};

/** Into parts of the stated sizes, else as many equal ones as there are outputs, the last the smallest. */
export const split: Operator = (tf, view) => {
	const wished = view.number("axis", 0);
	const sizesOf = intsOf(view, "split", 1);
	const count = view.node.outputs.length;
	return (inputs) => {
		const x = need(inputs, 0);
		const axis = view.axis(wished, x.shape.length);
		const whole = x.shape[axis] as number;
		const each = Math.ceil(whole / count);
		const sizes =
			sizesOf(inputs) ??
			Array.from({ length: count }, (_, index) =>
				Math.min(each, whole - index * each),
			);
		let start = 0;
		const parts = sizes.map((length) => {
			const begin = x.shape.map(() => 0);
			const size = [...x.shape];
			begin[axis] = start;
			size[axis] = length;
			start += length;
			return tf.slice(x, begin, size);
		});
		const [first, ...others] = parts;
		return {
			output: first as Tensor,
			others,
			gradient: (g, _wanted, rest) => [
				tf.concat(
					parts.map((part, index) =>
						index === 0 ? g : (rest[index - 1] ?? tf.zerosLike(part)),
					),
					axis,
				),
			],
		};
	};
};
