import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { isAbsolute, join, normalize, sep } from "node:path";
import { RunError } from "../../diagnostic.ts";
import { dtypeOfOnnx, KINDS, sizeOf, typedArray } from "../dtypes.ts";
import type { DType, Tensor } from "../types.ts";
import {
	TensorProto_DataLocation as DataLocation,
	TensorProto_DataType as DataType,
	type TensorProto,
} from "./gen/onnx_pb.ts";

/** Where a file's tensors may lie: beside it, in `folder`; undefined when only its bytes were given. */
export interface Origin {
	readonly path: string;
	readonly folder: string | undefined;
}

/**
 * The values of a TensorProto, whichever of its fields holds them.
 * @throws RunError "onnx-unreadable", "onnx-external-data".
 */
export function readTensor(proto: TensorProto, origin: Origin): Tensor {
	const dtype = dtypeOfOnnx(proto.dataType);
	const shape = proto.dims.map(Number);
	if (dtype === undefined)
		throw unreadable(
			origin,
			`tensor "${proto.name}" has the element type ${DataType[proto.dataType] ?? proto.dataType}, which Graft does not hold`,
		);
	const length = sizeOf(shape);
	if (!Number.isSafeInteger(length) || shape.some((size) => size < 0))
		throw unreadable(origin, `tensor "${proto.name}" has the shape [${shape}]`);
	const wanted = length * KINDS[dtype].bytes;
	if (proto.dataLocation === DataLocation.EXTERNAL) {
		const bytes = readExternal(proto, wanted, origin);
		return { dtype, shape, data: typedArray(dtype, bytes, length) };
	}
	if (proto.rawData.length > 0 || length === 0) {
		if (proto.rawData.length !== wanted)
			throw unreadable(
				origin,
				`tensor "${proto.name}" (${dtype} [${shape}]) needs ${wanted} bytes, ${proto.rawData.length} are there`,
			);
		return { dtype, shape, data: typedArray(dtype, proto.rawData, length) };
	}
	const data = typedFields(proto, dtype, length);
	if (!data)
		throw unreadable(
			origin,
			`tensor "${proto.name}" (${dtype} [${shape}]) needs ${length} values, other fields or counts are there`,
		);
	return { dtype, shape, data };
}

/** onnx.proto: small kinds travel in int32_data, float16 as bits. */
function typedFields(
	proto: TensorProto,
	dtype: DType,
	length: number,
): Tensor["data"] | undefined {
	const of = <T>(
		values: readonly T[],
		make: (values: T[]) => Tensor["data"],
	) => (values.length === length ? make([...values]) : undefined);
	const { floatData, doubleData, int32Data, int64Data, uint64Data } = proto;
	switch (dtype) {
		case "float32":
			return of(floatData, (values) => Float32Array.from(values));
		case "float64":
			return of(doubleData, (values) => Float64Array.from(values));
		case "int64":
			return of(int64Data, (values) => BigInt64Array.from(values));
		case "uint64":
			return of(uint64Data, (values) => BigUint64Array.from(values));
		case "uint32":
			return of(uint64Data, (values) => Uint32Array.from(values.map(Number)));
		case "int32":
			return of(int32Data, (values) => Int32Array.from(values));
		case "int16":
			return of(int32Data, (values) => Int16Array.from(values));
		case "int8":
			return of(int32Data, (values) => Int8Array.from(values));
		case "uint16":
		case "float16":
		case "bfloat16":
			return of(int32Data, (values) => Uint16Array.from(values));
		default:
			return of(int32Data, (values) => Uint8Array.from(values));
	}
}

/** https://onnx.ai/onnx/repo-docs/ExternalData.html: keys location, offset, length. */
function readExternal(
	proto: TensorProto,
	wanted: number,
	origin: Origin,
): Uint8Array {
	const entries = new Map(
		proto.externalData.map(({ key, value }) => [key, value]),
	);
	const location = entries.get("location") ?? "";
	const offset = Number(entries.get("offset") ?? 0);
	const length = Number(entries.get("length") ?? wanted);
	if (length !== wanted || !Number.isSafeInteger(offset) || offset < 0)
		throw unreadable(
			origin,
			`tensor "${proto.name}" needs ${wanted} bytes, its external data say ${length} at offset ${entries.get("offset")}`,
		);
	if (origin.folder === undefined)
		throw externalError(
			origin,
			`tensor "${proto.name}" lies in another file ("${location}"), only the bytes of the model were given`,
		);
	const inside = normalize(location);
	if (location === "" || isAbsolute(inside) || inside.split(sep).includes(".."))
		throw externalError(
			origin,
			`tensor "${proto.name}" lies in "${location}", outside of the model's folder`,
		);
	return readRange(join(origin.folder, inside), offset, wanted, proto, origin);
}

function readRange(
	path: string,
	offset: number,
	length: number,
	proto: TensorProto,
	origin: Origin,
): Uint8Array {
	let file: number;
	try {
		file = openSync(path, "r");
	} catch (cause) {
		throw externalError(
			origin,
			`the weights of "${proto.name}" should be in ${path}, which cannot be opened`,
			cause,
		);
	}
	try {
		const { size } = fstatSync(file);
		if (offset + length > size)
			throw externalError(
				origin,
				`${path} ends at byte ${size}, the weights of "${proto.name}" reach to ${offset + length}`,
			);
		const bytes = new Uint8Array(length);
		let done = 0;
		while (done < length) {
			const wished = Math.min(length - done, 1 << 30);
			const got = readSync(file, bytes, done, wished, offset + done);
			if (got === 0)
				throw externalError(
					origin,
					`${path} became shorter while it was read: the weights of "${proto.name}" end at byte ${offset + done}`,
				);
			done += got;
		}
		return bytes;
	} finally {
		closeSync(file);
	}
}

function externalError(origin: Origin, what: string, cause?: unknown) {
	return new RunError("onnx-external-data", `${origin.path}: ${what}`, {
		fix: "keep the model and its data files in one folder, as the exporter wrote them",
		cause,
	});
}

/** The file is not what an .onnx file should be. */
export function unreadable(
	origin: Origin,
	what: string,
	cause?: unknown,
): RunError {
	return new RunError(
		"onnx-unreadable",
		`${origin.path} is not a usable .onnx file: ${what}`,
		{
			fix: "export or fetch the file again, and check it with onnx.checker",
			cause,
		},
	);
}
