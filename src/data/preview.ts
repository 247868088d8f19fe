import { htmlPreview } from "./preview/html.ts";
import { type Policy, previewRow, type Row } from "./preview/panels.ts";
import { pngPreview } from "./preview/png.ts";

/** Which photos are drawn, and how. */
export interface PreviewOptions {
	/** Absolute folder that the photos are relative to. */
	readonly root: string;
	/** Paths relative to `root`. */
	readonly photos: readonly string[];
	/** What happens to the photos: one list, or one each for training and evaluation. */
	readonly policies: readonly Policy[];
	readonly exif: "apply" | "ignore";
	readonly seed: number;
	/** How often a list with random transforms is drawn per photo. */
	readonly draws: number;
}

/**
 * Draws photos before and after their transforms, side by side: what is cut off is dimmed on the photo, what
 * random crops take is outlined in the colour of their result. Photos that cannot be decoded are named with
 * their reason. The same options give the same picture.
 *
 * @returns the bytes of a PNG file, or of an HTML page that needs nothing beside it.
 */
export async function preview(
	options: PreviewOptions,
	format: "png" | "html",
): Promise<Uint8Array> {
	const { root, policies } = options;
	const rows: Row[] = [];
	for (const photo of options.photos)
		rows.push(await previewRow(root, photo, policies, options));
	return format === "png"
		? pngPreview(rows, policies)
		: htmlPreview(rows, policies);
}
