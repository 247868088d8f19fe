import { count } from "../../text.ts";
import type { ReportExtras } from "./extras.ts";
import { html, type Markup } from "./html.ts";

/** data URIs by the predictions' paths; a photo without one is shown by name. */
export type Images = ReadonlyMap<string, string>;

/** A photo in its square frame. A heat map is laid over it by the page's script, hence the exact place of the photo. */
export function frame(
	image: string | undefined,
	path: string,
	alt: string,
): Markup {
	if (image === undefined)
		return html`<div class="frame"><span class="quiet">no picture</span></div>`;
	return html`<div class="frame"><span class="picture" style="inset:${insetOf(image)}"><img src="${image}" alt="${alt}" data-photo="${path}" decoding="async"></span></div>`;
}

/** Where in a square frame a picture lies that is as large as fits: CSS inset. */
export function insetOf(image: string): string {
	const size = jpegSize(image);
	if (size === undefined) return "0";
	const { width, height } = size;
	const margin = (side: number) =>
		`${Math.round((50 - (50 * side) / Math.max(width, height)) * 100) / 100}%`;
	return `${margin(height)} ${margin(width)}`;
}

/** Width and height of a JPEG's data URI in pixels (ITU-T T.81, B.2.2); undefined where it is none. */
function jpegSize(
	uri: string,
): { readonly width: number; readonly height: number } | undefined {
	const start = "data:image/jpeg;base64,";
	if (!uri.startsWith(start)) return undefined;
	// The frame's header comes before its pixels: the first kilobytes hold it.
	const bytes = Buffer.from(
		uri.slice(start.length, start.length + 4096),
		"base64",
	);
	for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; ) {
		const marker = bytes[at + 1] as number;
		const isFrame =
			marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
		if (isFrame) {
			const [height, width] = [
				bytes.readUInt16BE(at + 5),
				bytes.readUInt16BE(at + 7),
			];
			return width > 0 && height > 0 ? { width, height } : undefined;
		}
		at += 2 + bytes.readUInt16BE(at + 2);
	}
	return undefined;
}

/** A button that shows the heat maps, of which each list of photos has one; the script reveals and joins them. */
export function heatSwitch({
	heat,
	heatMethod,
	noHeat,
	views,
}: ReportExtras): Markup | false {
	if (heat === undefined || heat.size === 0)
		return (
			noHeat !== undefined &&
			html`<p class="quiet">No heat maps: ${noHeat}.</p>`
		);
	const isPart = [...(views?.values() ?? [])].some(
		({ width, height }) => width < 1 || height < 1,
	);
	return html`<p class="heat-bar screen"><button type="button" data-heat aria-pressed="false" hidden>heat maps</button> <span class="quiet">Where the network looked for the class it said${heatMethod && ` (${heatMethod})`}: the stronger the colour, the more that place spoke for it. ${count(heat.size, "photo")} ${heat.size === 1 ? "has" : "have"} one.${isPart && " What lies outside the dashed frame it did not see."}</span></p>`;
}
