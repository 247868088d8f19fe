import {
	add,
	type Code,
	constant,
	get,
	I32,
	increase,
	lessThan,
	loadVector,
	loopWhile,
	set,
	V128,
	type WasmFunction,
} from "../../../data/resample/resample-assembler.ts";
import {
	loadAll,
	subtractFloats as minus,
	divideFloats as over,
	addFloats as plus,
	root,
	store,
	multiplyFloats as times,
} from "./floats-make.ts";

/**
 * One step of an optimizer over all numbers of a parameter, four at a time, each operation rounded to float32 in the
 * order of src/train/optimizers. What an option leaves out there is a factor 0 or 1 here, which changes no bit.
 *
 * (scalars: their address, bytes of an array: a multiple of 16, then the arrays: p, g, states …)
 */
type Formula = (
	value: readonly number[],
	scalar: readonly Code[],
) => readonly Code[];

function elementwise(
	arrays: number,
	scalars: number,
	formula: Formula,
): WasmFunction {
	const [numbers, bytes] = [0, 1];
	const parameters = 2 + arrays;
	const offset = parameters;
	const values = locals(parameters + 1, arrays);
	const factors = locals(parameters + 1 + arrays, scalars);
	const place = (array: number) => add(get(2 + array), get(offset));
	return {
		parameters,
		locals: [
			[1, I32],
			[arrays + scalars, V128],
		],
		body: [
			factors.map((local, index) =>
				set(local, loadAll(get(numbers), index * 4)),
			),
			loopWhile(lessThan(get(offset), get(bytes)), [
				values.map((local, array) => set(local, loadVector(place(array)))),
				formula(values, factors.map(get)),
				values
					// g is read only.
					.map((local, array) =>
						array === 1 ? [] : store(place(array), get(local)),
					),
				increase(offset, constant(16)),
			]),
		],
	};
}

function locals(first: number, count: number): number[] {
	return Array.from({ length: count }, (_, index) => first + index);
}

/** g + p · decay */
const decayed = (g: number, p: number, decay: Code) =>
	set(g, plus(get(g), times(get(p), decay)));

/** p - u · size */
const stepped = (p: number, u: Code, size: Code) =>
	set(p, minus(get(p), times(u, size)));

/** Arrays p, g, v; scalars decay, momentum, fresh, own, past, rate: v = momentum · v + fresh · g, p -= rate · (own · g + past · v). */
export const sgd = () =>
	elementwise(3, 6, ([p, g, v], [decay, momentum, fresh, own, past, rate]) => [
		decayed(g, p, decay),
		set(v, plus(times(get(v), momentum), times(get(g), fresh))),
		stepped(p, plus(times(get(g), own), times(get(v), past)), rate),
	]);

/** Arrays p, g, m, v; scalars shrink (of AdamW), decay (of Adam), 1 - b1, b2, 1 - b2, sqrt(1 - b2^t), eps, size. */
export const adam = () =>
	elementwise(
		4,
		8,
		([p, g, m, v], [shrink, decay, near1, far2, near2, bias2, eps, size]) => [
			set(p, times(get(p), shrink)),
			decayed(g, p, decay),
			set(m, plus(get(m), times(minus(get(g), get(m)), near1))),
			set(v, plus(times(get(v), far2), times(times(get(g), get(g)), near2))),
			stepped(p, over(get(m), plus(over(root(get(v)), bias2), eps)), size),
		],
	);

/** Arrays p, g, s (squares), a (means), b (momentum); scalars decay, alpha, 1 - alpha, centered (1 or 0), eps, momentum, rate. */
export const rmsprop = () =>
	elementwise(
		5,
		7,
		([p, g, s, a, b], [decay, far, near, centered, eps, momentum, rate]) => [
			decayed(g, p, decay),
			set(s, plus(times(get(s), far), times(times(get(g), get(g)), near))),
			set(a, plus(get(a), times(minus(get(g), get(a)), near))),
			set(
				b,
				plus(
					times(get(b), momentum),
					over(
						get(g),
						plus(
							root(minus(get(s), times(times(get(a), get(a)), centered))),
							eps,
						),
					),
				),
			),
			stepped(p, get(b), rate),
		],
	);

/** Arrays p, g, s; scalars decay, eps, size. */
export const adagrad = () =>
	elementwise(3, 3, ([p, g, s], [decay, eps, size]) => [
		decayed(g, p, decay),
		set(s, plus(times(get(g), get(g)), get(s))),
		stepped(p, over(get(g), plus(root(get(s)), eps)), size),
	]);
