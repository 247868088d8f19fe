import { hostValues } from "./host-values.ts";
import { need, type Operator } from "./operator.ts";

/**
 * Numbers made of shapes. A network's file is rid of most of them when it is read (model/onnx/fold.ts); what is left
 * depends on the batch.
 */

export const shape: Operator = (tf, { number }) => {
	return (inputs) => {
		const x = need(inputs, 0);
		const rank = x.shape.length;
		const place = (at: number) => (at < 0 ? at + rank : at);
		const sizes = x.shape.slice(
			place(number("start", 0)),
			place(number("end", rank)),
		);
		return {
			output: tf.tensor1d(sizes, "float32"),
			gradient: () => [undefined],
		};
	};
};

export const size: Operator = (tf) => (inputs) => ({
	output: tf.scalar(need(inputs, 0).size, "float32"),
	gradient: () => [undefined],
});

/** A tensor of this shape, full of `value`, or of zeros. */
export const constantOfShape: Operator = (tf, view) => {
	const shapeOf = hostValues(view, 0);
	const { value } = view.node.attributes;
	const fill =
		typeof value === "object" && "data" in value ? Number(value.data[0]) : 0;
	return (inputs) => ({
		output: tf.fill([...(shapeOf(inputs) ?? [])], fill, "float32"),
		gradient: () => [undefined],
	});
};

/** start, start + delta, … before limit. */
export const range: Operator = (tf) => (inputs) => {
	const [start, limit, delta] = [0, 1, 2].map(
		(index) => need(inputs, index).dataSync()[0] as number,
	) as [number, number, number];
	const count = Math.max(0, Math.ceil((limit - start) / delta));
	const values = Array.from({ length: count }, (_, i) => start + i * delta);
	return {
		output: tf.tensor1d(values, "float32"),
		gradient: () => [undefined, undefined, undefined],
	};
};
