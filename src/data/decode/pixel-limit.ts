import { CorruptPhoto } from "../corrupt-photo.ts";

/** Photos of more pixels are refused, as Pillow refuses them (twice its MAX_IMAGE_PIXELS). */
export const PIXEL_LIMIT = 178_956_970;

/** @throws CorruptPhoto where a photo has no pixels, or more than the limit. */
export function checkPixelCount(width: number, height: number): void {
	if (width < 1 || height < 1)
		throw new CorruptPhoto(`it has no pixels (${width} x ${height})`);
	if (width * height > PIXEL_LIMIT)
		throw new CorruptPhoto(
			`it has ${width} x ${height} pixels, more than the limit of ${PIXEL_LIMIT}`,
		);
}
