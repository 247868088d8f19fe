import { floats, ints, reshaped, transposed } from "./constants.ts";
import type { AttrDef, Constant, NodeDef, ShapeDef, Value } from "./types.ts";

/** Writes the nodes of a TfGraph one after the other, and turns maps where an operator wants them otherwise. */
export interface Builder {
	readonly nodes: NodeDef[];
	readonly constants: Map<string, Constant>;
	/** Adds a node and returns its name, `wish` or the like of it. */
	readonly add: (
		op: string,
		wish: string,
		inputs: readonly string[],
		attr?: NodeDef["attr"],
	) => string;
	/** An Identity under a reserved name. */
	readonly finish: (name: string, input: string) => void;
	/** A Const node; small ones with the same values are one. */
	readonly constant: (constant: Constant, wish: string) => string;
	/** int32 [length]. */
	readonly ints: (values: readonly number[]) => string;
	/** int32 []. */
	readonly int: (value: number) => string;
	/** float32 []. */
	readonly float: (value: number) => string;
	/** The node that holds a value in this order; only rank 4 has two. */
	readonly inOrder: (value: Value, nhwc: boolean) => string;
}

/** float32. */
export const FLOAT: AttrDef = { type: "DT_FLOAT" };

const DTYPES = { float32: "DT_FLOAT", int32: "DT_INT32", bool: "DT_BOOL" };
const TO_NHWC = [0, 2, 3, 1] as const;
const TO_ONNX = [0, 3, 1, 2] as const;

/** An attribute of bytes. */
export function text(value: string): AttrDef {
	return { s: Buffer.from(value).toString("base64") };
}

/** An attribute that is a list of integers. */
export function intList(values: readonly number[]): AttrDef {
	return { list: { i: values.map(String) } };
}

/** An attribute that is a list of texts. */
export function textList(values: readonly string[]): AttrDef {
	return {
		list: { s: values.map((value) => Buffer.from(value).toString("base64")) },
	};
}

/** A shape as protobuf's JSON spells it. */
export function shapeDef(shape: readonly number[]): ShapeDef {
	return { dim: shape.map((size) => ({ size: String(size) })) };
}

/** ONNX's axis of a tensor of this rank, where that is held as [n, h, w, c]. */
export function axisInNhwc(axis: number): number {
	return TO_NHWC.indexOf(axis as 0);
}

/** An empty graph. @param reserved names that `finish` gives. */
export function openBuilder(reserved: readonly string[]): Builder {
	const nodes: NodeDef[] = [];
	const constants = new Map<string, Constant>();
	const names = new Set<string>(reserved);
	const known = new Map<string, string>();
	const turned = new Map<string, string>();
	const held = new Map<Constant, string>();

	function add(
		op: string,
		wish: string,
		inputs: readonly string[],
		attr: NodeDef["attr"] = { T: FLOAT },
	): string {
		const base = wish
			.replace(/[^A-Za-z0-9_./-]/g, "_")
			.replace(/^[^A-Za-z0-9.]/, "x$&");
		let name = base;
		for (let count = 1; names.has(name); count++) name = `${base}_${count}`;
		names.add(name);
		const input = inputs.length > 0 ? { input: inputs } : {};
		nodes.push({ name, op, ...input, attr });
		return name;
	}

	function constant(value: Constant, wish: string): string {
		const key =
			value.data.length <= 64
				? `${value.dtype} ${value.shape} ${value.data}`
				: undefined;
		const found = key === undefined ? held.get(value) : known.get(key);
		if (found !== undefined) return found;
		const dtype = DTYPES[value.dtype];
		const name = add("Const", wish, [], {
			dtype: { type: dtype },
			value: { tensor: { dtype, tensorShape: shapeDef(value.shape) } },
		});
		constants.set(name, value);
		if (key === undefined) held.set(value, name);
		else known.set(key, name);
		return name;
	}

	function inOrder(value: Value, nhwc: boolean): string {
		const isMap = value.shape.length === 4;
		if (value.constant !== undefined) {
			if (!isMap || !nhwc)
				return constant(value.constant, value.node || "constant");
			const key = `constant ${constant(value.constant, value.node || "constant")}`;
			const known = turned.get(key);
			if (known !== undefined) return known;
			const other = constant(
				transposed(value.constant, TO_NHWC),
				`${value.node || "constant"}/nhwc`,
			);
			turned.set(key, other);
			return other;
		}
		if (!isMap || value.nhwc === nhwc) return value.node;
		// What holds one value in one order may hold another in the other: see transpose.
		const key = `${value.node} ${nhwc}`;
		const found = turned.get(key);
		if (found !== undefined) return found;
		const order = nhwc ? TO_NHWC : TO_ONNX;
		const [, c = 0, h = 0, w = 0] = value.shape;
		// Where one of the moved dimensions has size 1 no number moves.
		const stays = c === 1 || h * w === 1;
		const to = nhwc ? [value.shape[0] as number, h, w, c] : value.shape;
		const name = `${value.node}/${nhwc ? "nhwc" : "nchw"}`;
		const made =
			stays && to.filter((size) => size === -1).length <= 1
				? add("Reshape", name, [value.node, intsOf(to)])
				: add("Transpose", name, [value.node, intsOf(order)]);
		turned.set(key, made);
		return made;
	}

	function finish(name: string, input: string): void {
		nodes.push({ name, op: "Identity", input: [input], attr: { T: FLOAT } });
	}

	const intsOf = (values: readonly number[]) =>
		constant(ints([values.length], values), "ints");

	return {
		...{ nodes, constants, add, constant, ints: intsOf, inOrder, finish },
		int: (value) => constant(reshaped(ints([1], [value]), []), "int"),
		float: (value) => constant(floats([], [value]), "number"),
	};
}
