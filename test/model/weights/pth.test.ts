import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import type { RunError } from "../../../src/diagnostic.ts";
import type { Weights } from "../../../src/model/types.ts";
import { asFloat32 } from "../../../src/model/weights/convert.ts";
import { openWeights } from "../../../src/model/weights/open-weights.ts";
import { crc32, tableCrc32 } from "../../../src/model/weights/pth/crc32.ts";
import { readSafetensors } from "../../../src/model/weights/safetensors.ts";
import { folderFor } from "../../support/graft.ts";
import { needs } from "../../support/needs.ts";
import { bytes, legacyFile, u64, zipFile } from "./files.ts";

/** Written by torch.save: golden/make_pth.py. */
const GOLDEN = join(import.meta.dirname, "../golden/pth");

async function readAll(path: string): Promise<Weights> {
	const file = await openWeights(path);
	return file.read(new Set(file.tensors.map(({ name }) => name)));
}

function assertSame(read: Weights, expected: Weights): void {
	assert.deepEqual([...read.keys()].sort(), [...expected.keys()].sort());
	for (const [name, { dtype, shape, data }] of expected) {
		const tensor = read.get(name);
		assert.equal(tensor?.dtype, dtype, name);
		assert.deepEqual(tensor?.shape, shape, name);
		assert.deepEqual([...(tensor?.data ?? [])], [...data], name);
	}
}

/** A .pth file → the .safetensors file of the same tensors. */
const PAIRS = [
	["odd.zip.pth", "odd"],
	["odd.zip4.pth", "odd"],
	["odd.legacy.pth", "odd"],
	["net.zip.pth", "net"],
	["checkpoint.zip.pth", "net"],
	["checkpoint.legacy.pth", "half"],
] as const;

for (const [file, same] of PAIRS)
	test(`${file} holds what ${same}.safetensors holds, bit by bit`, async () => {
		const { tensors } = await readSafetensors(
			join(GOLDEN, `${same}.safetensors`),
		);
		assertSame(await readAll(join(GOLDEN, file)), tensors);
	});

const torch = needs("torch");

test("what this machine's torch writes is read like its safetensors", {
	skip: torch.missing,
}, async (t) => {
	const folder = folderFor(t);
	const script = join(GOLDEN, "../make_pth.py");
	execFileSync(torch.path, [script, folder], { stdio: "pipe" });
	for (const [file, same] of PAIRS) {
		const { tensors } = await readSafetensors(
			join(folder, `${same}.safetensors`),
		);
		assertSame(await readAll(join(folder, file)), tensors);
	}
});

test("views of one storage share its memory, transposed ones are gathered", async () => {
	const read = await readAll(join(GOLDEN, "odd.zip.pth"));
	const buffer = (name: string) => read.get(name)?.data.buffer;
	assert.equal(buffer("offset"), buffer("shared"));
	assert.notEqual(buffer("transposed"), buffer("shared"));
	for (const { data } of read.values())
		assert.ok((data.buffer as unknown) instanceof SharedArrayBuffer);
});

test("only the storages that are asked for are read", async (t) => {
	const path = join(folderFor(t), "w.pth");
	const spoilt = readFileSync(join(GOLDEN, "net.zip.pth"));
	const bias = (await readAll(join(GOLDEN, "net.zip.pth"))).get("conv.bias");
	const at = spoilt.indexOf(Buffer.from(bias?.data.buffer as ArrayBuffer));
	spoilt[at] = (spoilt[at] as number) ^ 1;
	writeFileSync(path, spoilt);
	const file = await openWeights(path);
	assert.equal((await file.read(new Set(["conv.weight"]))).size, 1);
	await assert.rejects(file.read(new Set(["conv.bias"])), (error: RunError) => {
		assert.equal(error.code, "weights-unreadable");
		assert.match(error.message, /w\.pth.*data\/1" is damaged: its CRC-32/);
		return true;
	});
});

test("a checkpoint says where its weights were and which prefix was left out", async () => {
	const { notes } = await openWeights(join(GOLDEN, "checkpoint.zip.pth"));
	assert.deepEqual(notes, [
		'its weights were taken from its key "state_dict"',
		'"module." was left out in front of every name',
	]);
	assert.deepEqual((await openWeights(join(GOLDEN, "net.zip.pth"))).notes, []);
});

test("half precision, double precision and whole numbers become float32", async () => {
	const read = await readAll(join(GOLDEN, "odd.legacy.pth"));
	const values = (name: string) => {
		const tensor = read.get(name);
		assert.ok(tensor);
		const { dtype, data } = asFloat32(tensor);
		assert.equal(dtype, "float32");
		return Array.from(data, Number);
	};
	assert.deepEqual(
		values("float16"),
		[0, -0, 1.5, -2.25, 2 ** -14 * (1 - 1 / 1024), 2 ** -24, 65504].map(
			Math.fround,
		),
	);
	assert.deepEqual(values("int64"), [-1, 2 ** 52, 3]);
	assert.deepEqual(values("int8"), [-128, 127]);
	assert.deepEqual(values("bool"), [1, 0, 1]);
	for (const value of values("bfloat16"))
		assert.equal(Math.fround(value), value);
});

test("a whole module is refused by the name of its class", async () => {
	await assert.rejects(
		openWeights(join(GOLDEN, "whole.pth")),
		(error: RunError) => {
			assert.equal(error.code, "weights-pickle");
			assert.match(
				error.message,
				/whole\.pth asks for torch\.nn\.modules\.container\.Sequential,/,
			);
			assert.match(error.fix ?? "", /torch\.save\(model\.state_dict\(\)/);
			return true;
		},
	);
});

test("names that would move the cursor are shown as their codes", async (t) => {
	const path = join(folderFor(t), "w.pth");
	writeFileSync(
		path,
		zipFile({ "a/data.pkl": bytes("\x80\x02cos\n\x1b[2Jsystem\n.") }),
	);
	await assert.rejects(openWeights(path), /asks for os\.\\x1b\[2Jsystem,/);
});

/** OrderedDict of pairs, Python 2's texts, `_rebuild_tensor`: what torchvision's files of 2017 hold. */
const OLD = bytes(
	"\x80\x02ccollections\nOrderedDict\n](](U\x01wctorch._utils\n_rebuild_tensor\n((U\x07storage",
	"ctorch\nFloatStorage\nU\x0212U\x03cpuK\x04NtQK\x00(K\x02K\x02t(K\x01K\x02ttRee\x85R.",
);

test("tensors of 2017 are read", async (t) => {
	const path = join(folderFor(t), "vgg.pth");
	const floats = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
	writeFileSync(
		path,
		legacyFile(OLD, bytes("\x80\x02]U\x0212a."), bytes(u64(4), floats)),
	);
	const read = await readAll(path);
	assert.deepEqual(read.get("w")?.shape, [2, 2]);
	assert.deepEqual([...(read.get("w")?.data ?? [])], [1, 3, 2, 4]);
});

const STATE = bytes(
	"\x80\x02}X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storage",
	"ctorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x02tQK\x00K\x02\x85K\x01\x85\x89NtRs.",
);
const TWO = new Uint8Array(Float32Array.of(5, 6).buffer);
const parts = { "a/data.pkl": STATE, "a/data/0": TWO };

test("an archive with 64-bit sizes is read", async (t) => {
	const path = join(folderFor(t), "w.bin");
	for (const wide of [false, true]) {
		writeFileSync(path, zipFile(parts, { wide }));
		assert.deepEqual([...((await readAll(path)).get("w")?.data ?? [])], [5, 6]);
	}
});

const whole = zipFile(parts);
const legacy = legacyFile(
	STATE,
	bytes("\x80\x02]X\x01\0\0\x000a."),
	bytes(u64(2), TWO),
);

/** What is wrong → file → words of the message. */
const BROKEN: readonly (readonly [string, Uint8Array, RegExp])[] = [
	[
		"no directory",
		whole.subarray(0, whole.length - 30),
		/end of its archive is missing/,
	],
	["a compressed entry", zipFile(parts, { method: 8 }), /compressed/],
	["a wrong CRC", zipFile(parts, { crc: 1 }), /CRC-32/],
	["no storage", zipFile({ "a/data.pkl": STATE }), /"a\/data\/0" is missing/],
	[
		"a short storage",
		zipFile({ ...parts, "a/data/0": TWO.subarray(4) }),
		/needs 8 bytes, it has 4/,
	],
	["no pickle", zipFile({ "a/data/0": TWO }), /none that torch\.save wrote/],
	[
		"code",
		zipFile({
			...parts,
			"a/constants.pkl": bytes(")."),
			"a/code/x.py": bytes(),
		}),
		/TorchScript/,
	],
	[
		"big-endian numbers",
		zipFile({ ...parts, "a/byteorder": bytes("big") }),
		/big-endian/,
	],
	[
		"a list",
		zipFile({ "a/data.pkl": bytes("\x80\x02].") }),
		/a list, a state_dict/,
	],
	[
		"no tensors",
		zipFile({ "a/data.pkl": bytes("\x80\x02}X\x05\0\0\0epochK\x03s.") }),
		/keys are epoch/,
	],
	["a bare pickle", bytes("\x80\x02}."), /none that torch\.save wrote/],
	[
		"legacy bytes cut off",
		legacy.subarray(0, legacy.length - 1),
		/the file has 7 bytes there/,
	],
	["legacy bytes left over", bytes(legacy, 0), /1 bytes are left/],
	[
		"a legacy pickle cut off",
		legacy.subarray(0, 60),
		/a line at byte 48 has no end/,
	],
	[
		"a legacy length that lies",
		legacyFile(
			STATE,
			bytes("\x80\x02]X\x01\0\0\x000a."),
			bytes(u64(2n ** 62n), TWO),
		),
		/2 were expected/,
	],
	["a tar archive", bytes(new Uint8Array(257), "ustar"), /before 0\.2/],
	["HDF5", bytes("\x89HDF\r\n\x1a\n", new Uint8Array(64)), /Keras/],
	["a web page", bytes("<!DOCTYPE html><html>"), /web page/],
	[
		"an LFS pointer",
		bytes("version https://git-lfs.github.com/spec/v1\n"),
		/git lfs pull/,
	],
];

for (const [what, content, message] of BROKEN)
	test(`a file with ${what} is refused`, async (t) => {
		const path = join(folderFor(t), "w.pth");
		writeFileSync(path, content);
		await assert.rejects(readAll(path), (error: RunError) => {
			assert.equal(error.code, "weights-unreadable", error.message);
			assert.match(error.message, message);
			assert.ok(error.message.includes(path) && error.fix);
			return true;
		});
	});

test("a file cut off anywhere is refused in words", async (t) => {
	const path = join(folderFor(t), "w.pth");
	for (const file of ["odd.legacy.pth", "checkpoint.zip.pth"]) {
		const content = readFileSync(join(GOLDEN, file));
		for (let length = 0; length < content.length; length += 61) {
			writeFileSync(path, content.subarray(0, length));
			await assert.rejects(readAll(path), { code: "weights-unreadable" });
		}
	}
});

test("a file with any byte changed is read or refused in words", async (t) => {
	const path = join(folderFor(t), "w.pth");
	for (const file of ["net.zip.pth", "odd.legacy.pth"]) {
		const content = readFileSync(join(GOLDEN, file));
		for (let at = 0; at < content.length; at += 13) {
			const spoilt = Uint8Array.from(content);
			spoilt[at] = (spoilt[at] as number) ^ (1 << (at % 8));
			writeFileSync(path, spoilt);
			await readAll(path).catch((error: RunError) =>
				assert.match(
					String(error.code),
					/^weights-(unreadable|pickle)$/,
					error.stack,
				),
			);
		}
	}
});

test("CRC-32 is the same with and without Node's own", () => {
	const text = bytes("123456789");
	assert.equal(tableCrc32(text), 0xcbf43926);
	assert.equal(crc32(text), 0xcbf43926);
	assert.equal(
		crc32(new Uint8Array(new SharedArrayBuffer(3))),
		tableCrc32(new Uint8Array(3)),
	);
});
