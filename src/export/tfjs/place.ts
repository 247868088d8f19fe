import type { GraphNode } from "../../model/types.ts";
import type { Builder } from "./builder.ts";
import { axisInNhwc } from "./builder.ts";
import type { Constant, Value } from "./types.ts";

/** A node of the ONNX graph as its converter sees it. */
export interface Place {
	readonly node: GraphNode;
	readonly opset: number;
	readonly net: Builder;
	readonly number: (attribute: string, otherwise: number) => number;
	/** An attribute that is a list of numbers. */
	readonly ints: (attribute: string) => readonly number[] | undefined;
	/** An input that may be left out. */
	readonly given: (index: number) => Value | undefined;
	/** An input that may not. */
	readonly input: (index: number) => Value;
	/** How many inputs there are. */
	readonly count: number;
	/** Shape of an output, in ONNX's order; -1 where it grows with the batch. */
	readonly shape: (output?: number) => readonly number[];
}

/** From a node to the values it makes, in order. @throws Refusal */
export type Convert = (place: Place) => Value | readonly Value[];

/** Why a node cannot be converted, as the end of a sentence about it. */
export class Refusal extends Error {}

/** A value that a node of the TfGraph makes. */
export function made(
	node: string,
	shape: readonly number[],
	nhwc = false,
	isPositive = false,
): Value {
	return { node, shape, nhwc, constant: undefined, isPositive };
}

/** A value that is known. */
export function known(constant: Constant, name = ""): Value {
	return { node: name, shape: constant.shape, nhwc: false, constant };
}

/** Where ONNX's axis (negative ones count from the end) lies in a value as it is held. */
export function axisOf(axis: number, value: Value): number {
	const from = axis < 0 ? axis + value.shape.length : axis;
	return value.nhwc ? axisInNhwc(from) : from;
}

/** Sizes of a value as it is held. */
export function heldShape(
	shape: readonly number[],
	nhwc: boolean,
): readonly number[] {
	const [n = 1, c = 1, h = 1, w = 1] = shape;
	return nhwc && shape.length === 4 ? [n, h, w, c] : shape;
}

/** The numbers of an input that says how rather than what. @throws Refusal where they are computed from the photos */
export function numbersOf(
	{ node, given }: Place,
	index: number,
): readonly number[] | undefined {
	const value = given(index);
	if (value === undefined) return undefined;
	if (value.constant === undefined)
		throw new Refusal(
			`takes input ${index} ("${node.inputs[index]}") from a computation on the photos`,
		);
	return [...value.constant.data];
}

/** As numbersOf, where older opsets have an attribute instead. */
export function numbersOrInts(
	place: Place,
	attribute: string,
	index: number,
): readonly number[] | undefined {
	return place.ints(attribute) ?? numbersOf(place, index);
}
