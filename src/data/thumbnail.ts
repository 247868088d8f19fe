import sharp from "sharp";

/** Side of the square that a thumbnail fits into, in pixels: sharp on a screen of twice the density. */
const SIDE = 160;

/** A small JPEG of a photo for a report, upright, as a `data:` URI. @throws what sharp throws for a photo it cannot read. */
export async function thumbnail(path: string): Promise<string> {
	const jpeg = await sharp(path)
		.rotate()
		.resize(SIDE, SIDE, { fit: "inside", withoutEnlargement: true })
		.flatten({ background: "#ffffff" })
		.jpeg({ quality: 72 })
		.toBuffer();
	return `data:image/jpeg;base64,${jpeg.toString("base64")}`;
}
