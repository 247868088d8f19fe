import type { Attribute, DType, GraphNode } from "../types.ts";

/** What inference knows of a tensor; every part may be missing. */
export interface Known {
	readonly shape?: readonly number[] | undefined;
	readonly dtype?: DType | undefined;
	/** Its numbers, row-major, where they follow from shapes and constants alone; at most MAX_VALUES of them. */
	readonly values?: readonly number[] | undefined;
}

/** Constants larger than this are weights, not structure. */
export const MAX_VALUES = 1024;

/** One node as a rule sees it. */
export interface NodeView {
	readonly node: GraphNode;
	/** What is known of the i-th input; nothing where it is left out. */
	readonly input: (index: number) => Known;
	readonly int: (attribute: string, otherwise: number) => number;
	readonly ints: (attribute: string) => readonly number[] | undefined;
	readonly text: (attribute: string, otherwise: string) => string;
}

/** From what is known of the inputs to what is known of the outputs, in order. */
export type Rule = (view: NodeView) => readonly Known[];

/** A node as its rule sees it. */
export function viewOf(
	node: GraphNode,
	known: ReadonlyMap<string, Known>,
): NodeView {
	const value = (name: string): Attribute | undefined => node.attributes[name];
	return {
		node,
		input: (index) => known.get(node.inputs[index] ?? "") ?? {},
		int: (name, otherwise) => {
			const given = value(name);
			return typeof given === "number" ? given : otherwise;
		},
		ints: (name) => {
			const given = value(name);
			return Array.isArray(given) ? (given as readonly number[]) : undefined;
		},
		text: (name, otherwise) => {
			const given = value(name);
			return typeof given === "string" ? given : otherwise;
		},
	};
}

/** -1 means the last axis. */
export function positiveAxis(axis: number, rank: number): number {
	return axis < 0 ? axis + rank : axis;
}

/** numpy's broadcasting; undefined where the shapes do not agree. */
export function broadcast(
	a: readonly number[],
	b: readonly number[],
): readonly number[] | undefined {
	const rank = Math.max(a.length, b.length);
	const result: number[] = [];
	for (let axis = 0; axis < rank; axis++) {
		const left = a[a.length - rank + axis] ?? 1;
		const right = b[b.length - rank + axis] ?? 1;
		if (left !== right && left !== 1 && right !== 1) return undefined;
		result.push(left === 1 ? right : left);
	}
	return result;
}
