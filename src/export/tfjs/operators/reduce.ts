import { FLOAT } from "../builder.ts";
import {
	axisOf,
	type Convert,
	made,
	numbersOrInts,
	type Place,
} from "../place.ts";

/** Reductions; those that keep their axes leave a map in its order. */

type Reduction = (
	place: Place,
	x: string,
	total: (op: string, x: string) => string,
) => string;

function reduction(steps: Reduction): Convert {
	return (place) => {
		const { net, node } = place;
		const x = place.input(0);
		const keep = place.number("keepdims", 1) !== 0;
		const stated = numbersOrInts(place, "axes", 1);
		const isNothing =
			(stated === undefined || stated.length === 0) &&
			place.number("noop_with_empty_axes", 0) !== 0;
		if (isNothing) return x;
		const nhwc = x.nhwc && keep;
		const held = net.inOrder(x, nhwc);
		const all = x.shape.map((_, axis) => axis);
		const axes = (stated?.length ? stated : all).map((axis) =>
			axisOf(axis, { ...x, nhwc }),
		);
		const total = (op: string, input: string) =>
			net.add(op, node.layer, [input, net.ints(axes)], {
				...{ T: FLOAT, keep_dims: { b: keep } },
			});
		return made(steps(place, held, total), place.shape(), nhwc);
	};
}

const step = ({ net, node }: Place, op: string, inputs: readonly string[]) =>
	net.add(op, node.layer, inputs);

/** One operator of the same meaning. */
export function reduced(op: string): Convert {
	return reduction((_place, x, total) => total(op, x));
}

export const reduceL1 = reduction((place, x, total) =>
	total("Sum", step(place, "Abs", [x])),
);
export const reduceL2 = reduction((place, x, total) =>
	step(place, "Sqrt", [total("Sum", step(place, "Square", [x]))]),
);
export const reduceSumSquare = reduction((place, x, total) =>
	total("Sum", step(place, "Square", [x])),
);
