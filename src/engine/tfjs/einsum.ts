import type { Tensor } from "@tensorflow/tfjs-core";
import { sizeOf } from "../../model/dtypes.ts";
import type { Tf } from "../backend.ts";
import { need, type Operator } from "./operator.ts";
import { multiply } from "./products.ts";

/**
 * Einsum of one or two operands, without "..." and without a letter twice in one operand: sums, a transpose and one
 * batched product. Its gradients are Einsums again.
 */
export const einsum: Operator = (tf, { node }) => {
	const { terms, result } = parseEquation(String(node.attributes.equation));
	return (inputs) => {
		const given = terms.map((_, index) => need(inputs, index));
		const sizes = new Map<string, number>();
		terms.forEach((term, index) => {
			[...term].forEach((letter, axis) => {
				sizes.set(letter, given[index]?.shape[axis] as number);
			});
		});
		const compute = (
			parts: readonly { term: string; tensor: Tensor }[],
			wish: string,
		): Tensor => {
			const [first, second] = parts.map(({ term, tensor }, index) => {
				const elsewhere = parts
					.filter((_, other) => other !== index)
					.map((part) => part.term)
					.join("");
				return summed(tf, term, tensor, wish + elsewhere);
			});
			if (!first) throw new Error("internal: an Einsum of nothing");
			const product = second ? contracted(tf, first, second, wish) : first;
			return ordered(tf, product, wish, sizes);
		};
		const operand = (index: number) => ({
			term: terms[index] as string,
			tensor: given[index] as Tensor,
		});
		return {
			output: compute(
				terms.map((_, index) => operand(index)),
				result,
			),
			gradient: (g, wanted) =>
				terms.map((term, index) =>
					wanted[index]
						? compute(
								[
									{ term: result, tensor: g },
									...terms.flatMap((_, other) =>
										other === index ? [] : [operand(other)],
									),
								],
								term,
							)
						: undefined,
				),
		};
	};
};

/** The operands' letters, and the result's: those that appear once, sorted, where the equation leaves them out. */
export function parseEquation(equation: string): {
	readonly terms: readonly string[];
	readonly result: string;
} {
	const [left = "", right] = equation.replace(/\s/g, "").split("->");
	const letters = [...left.replaceAll(",", "")];
	const once = letters.filter(
		(letter) => letters.indexOf(letter) === letters.lastIndexOf(letter),
	);
	return { terms: left.split(","), result: right ?? once.sort().join("") };
}

interface Term {
	readonly term: string;
	readonly tensor: Tensor;
}

/** Without the letters that nothing else has. */
function summed(tf: Tf, term: string, tensor: Tensor, kept: string): Term {
	const axes = [...term].flatMap((letter, axis) =>
		kept.includes(letter) ? [] : [axis],
	);
	if (axes.length === 0) return { term, tensor };
	return {
		term: [...term].filter((letter) => kept.includes(letter)).join(""),
		tensor: tf.sum(tensor, axes),
	};
}

/** The product over the letters that both have and the result has not. */
function contracted(tf: Tf, a: Term, b: Term, result: string): Term {
	const both = [...a.term].filter((letter) => b.term.includes(letter));
	const batch = both.filter((letter) => result.includes(letter));
	const inner = both.filter((letter) => !result.includes(letter));
	const left = [...a.term].filter((letter) => !both.includes(letter));
	const right = [...b.term].filter((letter) => !both.includes(letter));
	const matrix = (
		{ term, tensor }: Term,
		order: readonly (readonly string[])[],
	) => {
		const axes = order.flat().map((letter) => term.indexOf(letter));
		const turned = tf.transpose(tensor, axes);
		let at = 0;
		const sizes = order.map((letters) => {
			at += letters.length;
			return sizeOf(turned.shape.slice(at - letters.length, at));
		});
		return { shape: turned.shape, matrix: tf.reshape(turned, sizes) };
	};
	const x = matrix(a, [batch, left, inner]);
	const y = matrix(b, [batch, inner, right]);
	const product = multiply(tf, x.matrix, y.matrix, false, false);
	return {
		term: [...batch, ...left, ...right].join(""),
		tensor: tf.reshape(product, [
			...x.shape.slice(0, batch.length + left.length),
			...y.shape.slice(batch.length + inner.length),
		]),
	};
}

/** Its letters in the order of the result; those it lacks (in a gradient) are repeated. */
function ordered(
	tf: Tf,
	{ term, tensor }: Term,
	result: string,
	sizes: ReadonlyMap<string, number>,
): Tensor {
	const own = [...result].filter((letter) => term.includes(letter));
	const turned = tf.transpose(
		tensor,
		own.map((letter) => term.indexOf(letter)),
	);
	if (own.length === result.length) return turned;
	const shape = [...result].map((letter) => sizes.get(letter) as number);
	const thin = [...result].map((letter, axis) =>
		term.includes(letter) ? (shape[axis] as number) : 1,
	);
	return tf.broadcastTo(tf.reshape(turned, thin), shape);
}
