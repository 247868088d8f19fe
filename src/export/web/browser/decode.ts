import type { Pixels } from "../../../data/types.ts";
import { type Bitmap, createImageBitmap, document } from "./dom.ts";
import { turned, withoutExif } from "./exif.ts";

/**
 * A photo's pixels as src/data/decode.ts gives them: RGB uint8 [h, w, 3], colour profile ignored, alpha dropped
 * rather than composited, upright where the experiment says so. PNGs are equal to the bit; the JPEG decoders of
 * browsers round now and then by one.
 */
export async function decodeInBrowser(
	photo: Blob,
	exif: "apply" | "ignore",
): Promise<Pixels> {
	const { photo: plain, orientation } = withoutExif(
		new Uint8Array(await photo.arrayBuffer()),
	);
	const bitmap = await createImageBitmap(plain, {
		colorSpaceConversion: "none",
		premultiplyAlpha: "none",
	});
	try {
		const { width, height } = bitmap;
		const rgba = readFlat(bitmap);
		const isOpaque = !rgba.some((value, at) => at % 4 === 3 && value < 255);
		// A canvas keeps colours multiplied by alpha, which cannot be undone.
		const exact = isOpaque ? rgba : (readByTexture(bitmap) ?? rgba);
		const data = new Uint8Array(width * height * 3);
		for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
			data[to] = exact[from] as number;
			data[to + 1] = exact[from + 1] as number;
			data[to + 2] = exact[from + 2] as number;
		}
		const pixels: Pixels = { data, height, width, channels: 3 };
		return exif === "apply" ? turned(pixels, orientation) : pixels;
	} finally {
		bitmap.close();
	}
}

function readFlat(bitmap: Bitmap): ArrayLike<number> & Uint8ClampedArray {
	const canvas = document.createElement("canvas");
	canvas.width = bitmap.width;
	canvas.height = bitmap.height;
	const pen = canvas.getContext("2d", { willReadFrequently: true });
	if (pen === null)
		throw new Error(
			`a picture of ${bitmap.width} x ${bitmap.height} pixels is too large for this browser`,
		);
	pen.drawImage(bitmap, 0, 0);
	return pen.getImageData(0, 0, bitmap.width, bitmap.height).data;
}

/** As it is in the file, by a texture; undefined where there is no WebGL or the picture is too large for it. */
function readByTexture(bitmap: Bitmap): Uint8Array | undefined {
	const gl = document.createElement("canvas").getContext("webgl2");
	if (gl === null) return undefined;
	const { width, height } = bitmap;
	const texture = gl.createTexture();
	gl.bindTexture(gl.TEXTURE_2D, texture);
	gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
	gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
	gl.framebufferTexture2D(
		...([gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D] as const),
		...([texture, 0] as const),
	);
	const isWhole =
		gl.checkFramebufferStatus(gl.FRAMEBUFFER) === gl.FRAMEBUFFER_COMPLETE;
	const rgba = new Uint8Array(width * height * 4);
	if (isWhole)
		gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, rgba);
	gl.getExtension("WEBGL_lose_context")?.loseContext?.();
	return isWhole ? rgba : undefined;
}
