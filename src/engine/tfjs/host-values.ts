import type { Tensor } from "@tensorflow/tfjs-core";
import type { NodeView } from "./operator.ts";

/** Numbers of an input that says how rather than what: shapes, axes, indices. */
export type HostValues = (
	inputs: readonly (Tensor | undefined)[],
) => readonly number[] | undefined;

/**
 * Reads input `index` as plain numbers: a constant of the structure once; anything else from the device, which waits
 * for it (a frozen initializer once, a computed tensor in each step).
 */
export function hostValues(view: NodeView, index: number): HostValues {
	const constant = view.constant(index);
	if (constant) return () => constant;
	let last: { id: number; values: readonly number[] } | undefined;
	return (inputs) => {
		const tensor = inputs[index];
		if (tensor === undefined) return undefined;
		if (last?.id !== tensor.id)
			last = { id: tensor.id, values: [...tensor.dataSync()].map(Math.round) };
		return last.values;
	};
}

/** As hostValues, where older opsets have an attribute of ints instead. */
export function intsOf(
	view: NodeView,
	attribute: string,
	index: number,
): HostValues {
	const given = view.node.attributes[attribute];
	if (Array.isArray(given)) return () => given as readonly number[];
	return hostValues(view, index);
}
