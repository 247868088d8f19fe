/** A network as TensorFlow.js's converter knows it: nodes of TensorFlow's operators, NHWC, weights beside them. */

/** An attribute of a node, as protobuf's JSON spells it: int64 and bytes are strings, the latter in base64. */
export type AttrDef =
	| { readonly type: string }
	| { readonly i: string }
	| { readonly f: number }
	| { readonly b: boolean }
	| { readonly s: string }
	| { readonly shape: ShapeDef }
	| { readonly tensor: { readonly dtype: string; tensorShape: ShapeDef } }
	| {
			readonly list: {
				readonly i?: readonly string[];
				readonly s?: readonly string[];
			};
	  };

/** -1 where a size is free. */
export interface ShapeDef {
	readonly dim: readonly { readonly size: string }[];
}

/** tensorflow.NodeDef (https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/framework/node_def.proto). */
export interface NodeDef {
	readonly name: string;
	readonly op: string;
	readonly input?: readonly string[];
	readonly attr: Readonly<Record<string, AttrDef>>;
}

/** A tensor whose values are known; tfjs has no other element types. */
export type Constant =
	| {
			readonly dtype: "float32";
			readonly shape: readonly number[];
			readonly data: Float32Array;
	  }
	| {
			readonly dtype: "int32";
			readonly shape: readonly number[];
			readonly data: Int32Array;
	  }
	| {
			readonly dtype: "bool";
			readonly shape: readonly number[];
			readonly data: Uint8Array;
	  };

/** A converted network. Plain data. */
export interface TfGraph {
	/** Topologically sorted, constants included. */
	readonly nodes: readonly NodeDef[];
	/** Of the nodes `Const`, by name, in their order. */
	readonly constants: ReadonlyMap<string, Constant>;
	readonly input: Signature;
	readonly outputs: readonly Signature[];
}

/** What goes in or comes out. */
export interface Signature {
	readonly name: string;
	/** As the node has it; -1 for the batch. */
	readonly shape: readonly number[];
}

/** A tensor of the ONNX graph while it is converted. */
export interface Value {
	/** Sizes in ONNX's order; -1 where it grows with the batch. */
	readonly shape: readonly number[];
	/** Rank 4 held as [n, h, w, c]; else ONNX's order. */
	readonly nhwc: boolean;
	/** Its values, in ONNX's order, where they do not depend on the photos. */
	readonly constant: Constant | undefined;
	/** The node that makes it; "" for a constant that nobody has asked for yet. */
	readonly node: string;
	/** Nothing in it is below 0. */
	readonly isPositive?: boolean;
}
