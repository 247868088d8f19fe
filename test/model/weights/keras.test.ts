import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { RunError } from "../../../src/diagnostic.ts";
import { openBackbone } from "../../../src/model/backbone.ts";
import { openWeights } from "../../../src/model/weights/open-weights.ts";
import { zipFile } from "./files.ts";

/** Keras's formats by a small model that Keras wrote: golden/make_keras.py. test/oracle/keras.test.ts has whole networks. */

const GOLDEN = join(import.meta.dirname, "../golden/keras");
const FORMATS = [
	"small.h5",
	"small.legacy.h5",
	"small.weights.h5",
	"small.keras",
];

interface Answer {
	readonly shape: readonly number[];
	readonly values: readonly number[];
}
const answers = JSON.parse(
	readFileSync(join(GOLDEN, "small.json"), "utf8"),
) as Readonly<Record<string, Answer>>;

function folderFor(t: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), "graft-keras-"));
	t.after(() => rmSync(folder, { recursive: true }));
	return folder;
}

/** Everything that a file holds: layer/number → shape and values. */
async function readAll(path: string): Promise<Record<string, Answer>> {
	const { keras } = await openWeights(path);
	assert.ok(keras);
	const found: Record<string, Answer> = {};
	for (const [layer, variables] of keras.layers)
		for (const [index, { shape, read }] of variables.entries()) {
			const values: number[] = [];
			await read((piece, start) => {
				for (let at = 0; at < piece.length; at++)
					values[start + at] = piece[at] as number;
			});
			found[`${layer}/${index}`] = { shape, values };
		}
	return found;
}

for (const name of FORMATS)
	test(`${name}: every layer's variables are read, nested models' too, in Keras's order`, async () => {
		assert.deepEqual(await readAll(join(GOLDEN, name)), answers);
	});

test("a .keras file of an older Keras 3, without names of layers, is read by its configuration", async (t) => {
	const path = join(folderFor(t), "old.keras");
	const bytes = readFileSync(join(GOLDEN, "small.keras"));
	// The attribute that holds a layer's name is called otherwise.
	const at = [...bytes.toString("latin1").matchAll(/name\0\0\0\0/g)];
	assert.ok(at.length >= 4);
	const entries = unzip(bytes);
	const h5 = Buffer.from(entries["model.weights.h5"] as Uint8Array);
	for (const { index } of h5.toString("latin1").matchAll(/name\0\0\0\0/g))
		h5.write("nome", index, "latin1");
	writeFileSync(path, zipFile({ ...entries, "model.weights.h5": h5 }));
	const found = await readAll(path);
	const outer = (all: object) =>
		Object.entries(all).filter(([name]) => !name.startsWith("dense"));
	assert.deepEqual(
		Object.fromEntries(outer(found)),
		Object.fromEntries(outer(answers)),
	);
});

const ODD: readonly (readonly [string, RegExp])[] = [
	["external", /"a\/kernel:0" cannot be read: unable to open/],
	["virtual", /"a\/kernel:0" lies in other files/],
	["link", /"a\/kernel:0" is missing/],
	["dangling", /"a\/kernel:0" is missing/],
	["chunk", /chunks of 1073741824 bytes/],
	["float16", /holds float16, float32 was expected/],
	["text", /something other than numbers/],
];

for (const [name, message] of ODD)
	test(`an HDF5 file with ${name} data is refused, and nothing outside it is read`, async () => {
		await assert.rejects(
			readAll(join(GOLDEN, `odd-${name}.h5`)).catch((error: Error) => {
				throw new Error(error.message);
			}),
			{ message },
		);
	});

test("packed data is read", async () => {
	const { "a/0": kernel } = await readAll(join(GOLDEN, "odd-packed.h5"));
	assert.deepEqual(kernel?.shape, [200, 30]);
	assert.ok(kernel.values.every((value, index) => value === index));
});

/** Opens a zoo network with these weights and reads them. */
async function load(backbone: string, weights: string) {
	const network = await openBackbone(
		{ backbone, weights } as Parameters<typeof openBackbone>[0],
		0,
		{ cache: mkdtempSync(join(tmpdir(), "graft-keras-cache-")) },
	);
	return network.loadWeights();
}

test("what a file lacks, has too much or in another shape is listed by Keras's names", async () => {
	await assert.rejects(
		load("mobilenet_v2", join(GOLDEN, "small.keras")),
		(error: RunError) => {
			assert.equal(error.code, "weights-mismatch");
			assert.match(
				error.message,
				/^\S+small\.keras does not hold the weights of Keras's mobilenet_v2; missing: Conv1\/kernel, bn_Conv1\/gamma, .* and \d+ more; unexpected: norm\/0, norm\/1, /,
			);
			assert.match(error.fix ?? "", /include_top=True/);
			return true;
		},
	);
});

test("claims of a petabyte are refused before anything of them is read", async () => {
	await assert.rejects(load("vgg16", join(GOLDEN, "odd-huge.h5")), {
		code: "weights-mismatch",
	});
});

test("a network that keras.applications does not have is refused with the way around", async () => {
	await assert.rejects(
		load("resnet18", join(GOLDEN, "small.h5")),
		(error: RunError) => {
			assert.equal(error.code, "weights-family");
			assert.match(error.fix ?? "", /resnet50.*backbone: \{ onnx/);
			return true;
		},
	);
});

test("a .keras archive whose names lead elsewhere is read in its place or refused, and writes nothing", async (t) => {
	const folder = folderFor(t);
	const entries = unzip(readFileSync(join(GOLDEN, "small.keras")));
	const path = join(folder, "w.keras");
	const { "model.weights.h5": h5, ...rest } = entries;
	writeFileSync(
		path,
		zipFile({ ...entries, "../../evil.h5": h5 as Uint8Array }),
	);
	assert.deepEqual(await readAll(path), answers);

	for (const [content, message] of [
		[{ ...rest, "../model.weights.h5": h5 }, /without model\.weights\.h5/],
		[{ ...entries, "config.json": Buffer.from("[") }, /not JSON/],
		[
			{ ...entries, "config.json": Buffer.from("{}") },
			/none that Keras writes/,
		],
		[
			{ ...entries, "model.weights.h5": Buffer.from("no") },
			/signature not found/,
		],
	] as const) {
		writeFileSync(path, zipFile(content as Record<string, Uint8Array>));
		await assert.rejects(readAll(path), (error: RunError) => {
			assert.equal(error.code, "weights-unreadable", error.stack);
			assert.match(error.message, message);
			return true;
		});
	}
	writeFileSync(path, zipFile(entries, { method: 8 }));
	await assert.rejects(readAll(path), /packed again by another program/);
});

test("a Keras file cut off anywhere is refused in words", async (t) => {
	const path = join(folderFor(t), "w.h5");
	for (const name of FORMATS) {
		const content = readFileSync(join(GOLDEN, name));
		for (let length = 9; length < content.length; length += 1787) {
			writeFileSync(path, content.subarray(0, length));
			await assert.rejects(readAll(path), (error: RunError) => {
				assert.equal(error.code, "weights-unreadable", error.stack);
				assert.ok(error.message.startsWith(path) && error.fix);
				return true;
			});
		}
	}
});

test("a Keras file with any byte changed is read or refused in words", async (t) => {
	const path = join(folderFor(t), "w.h5");
	for (const name of ["small.h5", "small.weights.h5"]) {
		const content = readFileSync(join(GOLDEN, name));
		for (let at = 8; at < content.length; at += 97) {
			const spoilt = Uint8Array.from(content);
			spoilt[at] = (spoilt[at] as number) ^ (1 << (at % 8));
			writeFileSync(path, spoilt);
			await readAll(path).catch((error: RunError) =>
				assert.ok(
					error.code === "weights-unreadable" || error.name === "Error",
					`${name} byte ${at}: ${error.stack}`,
				),
			);
		}
	}
});

/** Of an archive of stored entries. */
function unzip(bytes: Buffer): Record<string, Uint8Array> {
	const entries: Record<string, Uint8Array> = {};
	let at = bytes.readUInt32LE(bytes.length - 6);
	while (bytes.readUInt32LE(at) === 0x02014b50) {
		const size = bytes.readUInt32LE(at + 24);
		const length = bytes.readUInt16LE(at + 28);
		const more = bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
		const local = bytes.readUInt32LE(at + 42);
		const name = bytes.toString("utf8", at + 46, at + 46 + length);
		const start =
			local +
			30 +
			bytes.readUInt16LE(local + 26) +
			bytes.readUInt16LE(local + 28);
		entries[name] = bytes.subarray(start, start + size);
		at += 46 + length + more;
	}
	return entries;
}
