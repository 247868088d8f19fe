import { sizeOf } from "../../dtypes.ts";
import { float16 } from "../convert.ts";
import { BadKeras } from "../keras/faults.ts";

/**
 * The weights of a model.json (TensorFlow.js, https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts):
 *
 *   weightsManifest: [ { paths: [shard, …], weights: [{ name, shape, dtype, quantization? }, …] }, … ]
 *
 * The shards of a group, one behind the other, hold its weights, one behind the other. No number in it is trusted.
 */

/** How the values of a weight are stored. */
export type Stored =
	| "float32"
	| "int32"
	| "bool"
	| "uint8"
	| "uint16"
	| "float16";

/** One weight and where its bytes are. */
export interface TfjsWeight {
	readonly name: string;
	readonly shape: readonly number[];
	readonly stored: Stored;
	/** Of uint8 and uint16: value = stored * scale + min. */
	readonly scale: number;
	readonly min: number;
	/** Number of its group. */
	readonly group: number;
	/** First and one past its last byte in the group. */
	readonly begin: number;
	readonly end: number;
}

/** All groups of a model. */
export interface Manifest {
	/** Names of the shards of each group, beside model.json. */
	readonly groups: readonly (readonly string[])[];
	readonly weights: readonly TfjsWeight[];
}

const BYTES: Readonly<Record<Stored, number>> = {
	float32: 4,
	int32: 4,
	bool: 1,
	uint8: 1,
	uint16: 2,
	float16: 2,
};

/** @throws BadKeras. */
export function readManifest(value: unknown): Manifest {
	if (!Array.isArray(value) || value.length === 0)
		throw new BadKeras("it has no weightsManifest");
	const weights: TfjsWeight[] = [];
	const groups = value.map((item: unknown, group) => {
		const { paths, weights: entries } = record(item);
		if (!Array.isArray(paths) || !Array.isArray(entries))
			throw new BadKeras(`group ${group} of its weightsManifest is damaged`);
		let begin = 0;
		for (const entry of entries) {
			const weight = weightOf(entry, group, begin);
			begin = weight.end;
			weights.push(weight);
		}
		return paths.map(shardName);
	});
	return { groups, weights };
}

/** A name with a folder could lead anywhere. */
function shardName(path: unknown): string {
	if (typeof path === "string" && /^\w[\w.-]*$/.test(path)) return path;
	throw new BadKeras(
		`a shard of its weightsManifest is ${JSON.stringify(path)}, the name of a file beside it was expected`,
	);
}

function weightOf(entry: unknown, group: number, begin: number): TfjsWeight {
	const { name, shape, dtype, quantization } = record(entry);
	if (typeof name !== "string" || !isSizes(shape))
		throw new BadKeras(`a weight of group ${group} has no name or no shape`);
	const { dtype: packed = dtype, scale = 1, min = 0 } = record(quantization);
	const known = typeof packed === "string" && Object.hasOwn(BYTES, packed);
	const isPlain = dtype === "float32" || dtype === "int32" || dtype === "bool";
	if (!known || !isPlain)
		throw new BadKeras(
			`weight "${name}" has the type ${dtype}${packed === dtype ? "" : ` in ${packed}`}, which is not known`,
		);
	if (!isNumber(scale) || !isNumber(min))
		throw new BadKeras(`the quantization of "${name}" lacks scale or min`);
	const stored = packed as Stored;
	const end = begin + sizeOf(shape) * BYTES[stored];
	if (!Number.isSafeInteger(end))
		throw new BadKeras(`weight "${name}" claims [${shape}]`);
	return { name, shape, stored, scale, min, group, begin, end };
}

/** Numbers of these bytes, which are whole elements. */
export function decoded(
	bytes: Uint8Array,
	{ stored, scale, min }: TfjsWeight,
): ArrayLike<number> {
	// A copy is aligned.
	const { buffer } = bytes.slice();
	if (stored === "float32") return new Float32Array(buffer);
	if (stored === "int32") return new Int32Array(buffer);
	if (stored === "bool") return new Uint8Array(buffer);
	if (stored === "float16")
		return Float32Array.from(new Uint16Array(buffer), float16);
	const packed =
		stored === "uint8" ? new Uint8Array(buffer) : new Uint16Array(buffer);
	return Float32Array.from(packed, (value) => value * scale + min);
}

/** Bytes of one element. */
export function widthOf({ stored }: TfjsWeight): number {
	return BYTES[stored];
}

function record(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null
		? (value as Record<string, unknown>)
		: {};
}

function isSizes(value: unknown): value is number[] {
	return (
		Array.isArray(value) &&
		value.every((item) => Number.isSafeInteger(item) && item >= 0)
	);
}

function isNumber(value: unknown): value is number {
	return typeof value === "number" && Number.isFinite(value);
}
