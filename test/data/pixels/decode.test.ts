import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { CorruptPhoto } from "../../../src/data/corrupt-photo.ts";
import { decodePhoto } from "../../../src/data/decode.ts";
import { readPack } from "./golden.ts";

const golden = readPack("photos");

function split(name: string): { file: string; exif: "apply" | "ignore" } {
	const space = name.lastIndexOf(" ");
	const exif = name.slice(space + 1) === "apply" ? "apply" : "ignore";
	return { file: name.slice(0, space), exif };
}

function read(file: string): Uint8Array {
	const name = encodeURIComponent(file);
	return readFileSync(new URL(`./photos/${name}`, import.meta.url));
}

async function reasonFor(file: string): Promise<string> {
	try {
		await decodePhoto(read(file), { exif: "apply" });
	} catch (error) {
		assert.ok(error instanceof CorruptPhoto, String(error));
		assert.equal(error.code, "corrupt-photo");
		return error.reason;
	}
	return "decoded";
}

for (const name of golden.names.filter((key) => !golden.entry(key).error)) {
	const { file, exif } = split(name);
	test(`${file} decodes to Pillow's pixels, exif ${exif}`, async () => {
		const pixels = await decodePhoto(read(file), { exif });
		const { height, width, channels } = pixels;
		assert.deepEqual([height, width, channels], golden.entry(name).shape);
		assert.ok(Buffer.from(pixels.data).equals(golden.bytes(name)));
	});
}

test("16-bit grey keeps its high byte, where Pillow would clip at 255", () => {
	for (const file of ["grey-16-bit.png", "grey-16-bit.tif"])
		assert.equal(
			golden.entry(`${file} apply`).unlikePillow,
			"high byte",
			"and the test above held it",
		);
});

for (const name of golden.names.filter((key) => golden.entry(key).error)) {
	const { file } = split(name);
	test(`${file} is refused, as by Pillow`, async () => {
		assert.notEqual(await reasonFor(file), "decoded");
	});
}

test("a reason says in plain words what is wrong", async () => {
	const reasons = {
		"broken-zero-bytes.jpg": /^the file is empty \(zero bytes\)$/,
		"broken-html.jpg": /^it is an HTML page$/,
		"broken-text.png": /^it is a Git LFS pointer, not the photo itself$/,
		"broken-truncated.jpg":
			/^the JPEG is truncated: it ends early, after \d+ bytes$/,
		"broken-truncated-progressive.jpg": /^the JPEG is truncated/,
		"broken-truncated.png": /^the PNG is truncated or damaged \(\d+ bytes\)$/,
		"broken-truncated.webp": /^the WebP is truncated/,
		"broken-truncated.gif": /^the GIF is truncated/,
		"broken-truncated.tif": /^the TIFF is truncated/,
		"broken-truncated.bmp": /^the BMP is truncated: \d+ bytes of \d+$/,
		"broken-truncated.ppm": /^the Netpbm file is truncated/,
		"broken-huge.png": /^it has more pixels than the limit of 178956970$/,
	};
	for (const [file, pattern] of Object.entries(reasons))
		assert.match(await reasonFor(file), pattern, file);
});

test("bytes that are no image are shown by how they start", async () => {
	const decode = (text: string) =>
		decodePhoto(Buffer.from(text, "latin1"), { exif: "apply" });
	await assert.rejects(decode("hello, world"), /starts with "hello, world"/);
	await assert.rejects(decode("\x00\x01\x02\xff"), /bytes 000102ff/);
});
