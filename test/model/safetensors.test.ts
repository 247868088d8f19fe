import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import type { RunError } from "../../src/diagnostic.ts";
import { KINDS, tensorOf } from "../../src/model/dtypes.ts";
import type { DType, Tensor } from "../../src/model/types.ts";
import {
	parseHeader,
	readSafetensors,
	readSafetensorsHeader,
} from "../../src/model/weights/safetensors.ts";
import { writeSafetensors } from "../../src/model/weights/safetensors-write.ts";

async function withFile<T>(
	bytes: Uint8Array,
	use: (path: string) => Promise<T>,
): Promise<T> {
	const folder = await mkdtemp(join(tmpdir(), "graft-weights-"));
	try {
		const path = join(folder, "w.safetensors");
		await writeFile(path, bytes);
		return await use(path);
	} finally {
		await rm(folder, { recursive: true });
	}
}

/** A file with this header text, padded with `dataBytes` zeros. */
function file(header: string, dataBytes: number): Uint8Array {
	const text = new TextEncoder().encode(header);
	const bytes = new Uint8Array(8 + text.length + dataBytes);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
	bytes.set(text, 8);
	return bytes;
}

test("every element type survives writing and reading", async () => {
	const tensors = new Map<string, Tensor>();
	for (const dtype of Object.keys(KINDS) as DType[])
		tensors.set(`a ${dtype}`, tensorOf(dtype, [3, 1], [1, 0, 1]));
	tensors.set("empty", tensorOf("float32", [0, 4], []));
	tensors.set("scalar", tensorOf("int64", [], [-5]));
	const metadata = { classes: '["猫", "dog"]' };
	await withFile(writeSafetensors(tensors, metadata), async (path) => {
		const read = await readSafetensors(path);
		assert.deepEqual(read.metadata, metadata);
		assert.equal(read.tensors.size, tensors.size);
		for (const [name, tensor] of tensors)
			assert.deepEqual(read.tensors.get(name), tensor, name);
	});
});

test("the same tensors give the same bytes in whatever order they come", () => {
	const a = tensorOf("float32", [2], [1, 2]);
	const b = tensorOf("int64", [1], [3]);
	assert.deepEqual(
		writeSafetensors(
			new Map([
				["a", a],
				["b", b],
			]),
		),
		writeSafetensors(
			new Map([
				["b", b],
				["a", a],
			]),
		),
	);
});

test("the header is read without the data", async () => {
	const bytes = writeSafetensors(
		new Map([["x", tensorOf("float32", [2, 2], [1, 2, 3, 4])]]),
	);
	await withFile(bytes, async (path) => {
		const { entries } = await readSafetensorsHeader(path);
		assert.deepEqual(entries, [
			{ name: "x", dtype: "float32", shape: [2, 2], begin: 0, end: 16 },
		]);
	});
});

const tensor = (dtype: string, shape: string, offsets: string) =>
	`{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;

/** What is wrong → file → words of the message. */
const HOSTILE: readonly (readonly [string, Uint8Array, RegExp])[] = [
	["nothing", new Uint8Array(), /first 8 bytes/],
	["five bytes", new Uint8Array(5), /first 8 bytes/],
	["a header beyond the file", new Uint8Array(9).fill(255), /claims/],
	["a header longer than the file", file("{}", 0).fill(200, 0, 1), /claims/],
	["a header that is no JSON", file("{nope", 0), /not JSON/],
	["a header that is a list", file("[]", 0), /object/],
	["a header of broken UTF-8", file("{}", 0).fill(0xff, 8), /not JSON/],
	["no shape", file('{"a":{"dtype":"F32"}}', 4), /shape/],
	["null for a tensor", file('{"a":null}', 0), /dtype/],
	[
		"an unknown dtype",
		file(`{"a":${tensor("F31", "[1]", "[0,4]")}}`, 4),
		/F31/,
	],
	[
		"a negative size",
		file(`{"a":${tensor("F32", "[-1]", "[0,4]")}}`, 4),
		/whole/,
	],
	["a fraction", file(`{"a":${tensor("F32", "[0.5]", "[0,2]")}}`, 2), /whole/],
	[
		"a product beyond 2^53",
		file(`{"a":${tensor("U8", "[4294967296,4294967296]", "[0,0]")}}`, 0),
		/whole/,
	],
	[
		"offsets of another length",
		file(`{"a":${tensor("F32", "[2]", "[0,4]")}}`, 4),
		/needs 8 bytes/,
	],
	[
		"offsets in reverse",
		file(`{"a":${tensor("F32", "[1]", "[4,0]")}}`, 4),
		/needs 4 bytes/,
	],
	[
		"an overlap",
		file(
			`{"a":${tensor("F32", "[2]", "[0,8]")},"b":${tensor("F32", "[1]", "[4,8]")}}`,
			8,
		),
		/overlaps/,
	],
	[
		"a gap",
		file(
			`{"a":${tensor("F32", "[1]", "[0,4]")},"b":${tensor("F32", "[1]", "[8,12]")}}`,
			12,
		),
		/gaps/,
	],
	["data cut off", file(`{"a":${tensor("F32", "[2]", "[0,8]")}}`, 7), /has 7/],
	[
		"data left over",
		file(`{"a":${tensor("F32", "[2]", "[0,8]")}}`, 9),
		/has 9/,
	],
	["numbers as metadata", file('{"__metadata__":{"a":1}}', 0), /__metadata__/],
];

for (const [what, bytes, message] of HOSTILE)
	test(`a file with ${what} is refused`, async () => {
		await withFile(bytes, (path) =>
			assert.rejects(readSafetensors(path), (error: RunError) => {
				assert.equal(error.code, "weights-unreadable");
				assert.match(error.message, message);
				assert.ok(error.message.includes(path));
				assert.ok(error.fix);
				return true;
			}),
		);
	});

test("a missing file and a folder are refused", async () => {
	await assert.rejects(readSafetensors("/no/such.safetensors"), {
		code: "weights-unreadable",
	});
	await assert.rejects(readSafetensors(tmpdir()), /folder/);
});

test("weights larger than 4 GiB are described rightly", () => {
	const bytes = 411_041_792 * 16;
	const text = new TextEncoder().encode(
		`{"a":${tensor("F32", `[${bytes / 4}]`, `[0,${bytes}]`)},"b":${tensor("U8", "[1]", `[${bytes},${bytes + 1}]`)}}`,
	);
	const { entries } = parseHeader(text, bytes + 1, "big.safetensors");
	assert.equal(entries[1]?.begin, bytes);
});
