import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../backend.ts";
import { need, type Operator } from "./operator.ts";

/** Blocks of b x b places against channels; maps are [n, c, h, w]. */

/** [n, c, h, w] → [n, c / b², h b, w b]. The channels count blocks first (mode DCR) or last (CRD, torch's PixelShuffle). */
export const depthToSpace: Operator = (tf, { node, number }) => {
	const b = number("blocksize", 1);
	const channelsFirst = node.attributes.mode === "CRD";
	const split = (c: number, h: number, w: number) =>
		channelsFirst ? [c, b, b, h, w] : [b, b, c, h, w];
	const order = channelsFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
	return (inputs) => {
		const x = need(inputs, 0);
		const [n, c, h, w] = x.shape as [number, number, number, number];
		const inner = c / (b * b);
		const apart = [n, ...split(inner, h, w)];
		return {
			output: turned(tf, x, apart, order, [n, inner, h * b, w * b]),
			gradient: (g) => [
				turned(tf, g, pick(apart, order), inverse(order), x.shape),
			],
		};
	};
};

/** [n, c, h, w] → [n, c b², h / b, w / b], the places of a block before the channels. */
export const spaceToDepth: Operator = (tf, { number }) => {
	const b = number("blocksize", 1);
	const order = [0, 3, 5, 1, 2, 4];
	return (inputs) => {
		const x = need(inputs, 0);
		const [n, c, h, w] = x.shape as [number, number, number, number];
		const apart = [n, c, h / b, b, w / b, b];
		return {
			output: turned(tf, x, apart, order, [n, c * b * b, h / b, w / b]),
			gradient: (g) => [
				turned(tf, g, pick(apart, order), inverse(order), x.shape),
			],
		};
	};
};

function turned(
	tf: Tf,
	x: Tensor,
	apart: readonly number[],
	order: readonly number[],
	shape: readonly number[],
): Tensor {
	const parts = tf.reshape(x, [...apart]);
	return tf.reshape(tf.transpose(parts, [...order]), [...shape]);
}

function pick(sizes: readonly number[], order: readonly number[]): number[] {
	return order.map((axis) => sizes[axis] as number);
}

function inverse(order: readonly number[]): number[] {
	return order.map((_, axis) => order.indexOf(axis));
}
