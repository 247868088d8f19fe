import sharp from "sharp";
import type { Pixels } from "../types.ts";
import { describeTransforms } from "./describe.ts";
import type { Panel, Policy, Row } from "./panels.ts";

/** A preview as one HTML page that needs nothing beside it. */

function escapeHtml(text: string): string {
	return text
		.replaceAll("&", "&amp;")
		.replaceAll("<", "&lt;")
		.replaceAll(">", "&gt;")
		.replaceAll('"', "&quot;");
}

/** RGB pixels as a PNG file. */
export async function encodePng(pixels: Pixels): Promise<Uint8Array> {
	const { data, width, height, channels } = pixels;
	const raw = { width, height, channels };
	return sharp(data, { raw }).png({ compressionLevel: 9 }).toBuffer();
}

const STYLE = `
:root { color-scheme: light dark; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem; }
h1 { font-size: 1.3rem; }
h2 { font-size: 1rem; margin: 2rem 0 .5rem; overflow-wrap: anywhere; }
h2 small, figcaption { font-weight: normal; opacity: .7; }
.group { display: flex; flex-wrap: wrap; gap: 12px; margin-bottom: 12px; }
figure { margin: 0; }
img { display: block; image-rendering: auto; outline: 1px solid #8886; }
img.framed { outline: 3px solid var(--frame); }
`;

async function figure(panel: Panel, title: string): Promise<string> {
	const png = Buffer.from(await encodePng(panel.pixels)).toString("base64");
	const { width, height } = panel.pixels;
	const frame = panel.frame
		? ` class="framed" style="--frame: rgb(${panel.frame.join(" ")})"`
		: "";
	return `<figure><img${frame} src="data:image/png;base64,${png}" width="${width}" height="${height}" alt="${escapeHtml(`${title}, ${panel.caption}`)}"><figcaption>${escapeHtml(panel.caption)}</figcaption></figure>`;
}

async function section(row: Row): Promise<string> {
	const groups: string[] = [];
	for (const panels of row.groups) {
		const figures: string[] = [];
		for (const panel of panels) figures.push(await figure(panel, row.photo));
		groups.push(`<div class="group">${figures.join("\n")}</div>`);
	}
	return `<section>
<h2>${escapeHtml(row.photo)} <small>${escapeHtml(row.note)}</small></h2>
${groups.join("\n")}
</section>`;
}

/** The page, UTF-8. */
export async function htmlPreview(
	rows: readonly Row[],
	policies: readonly Policy[],
): Promise<Uint8Array> {
	const lists = policies.map(
		({ name, transforms }) =>
			`<li><b>${escapeHtml(name)}</b>: ${escapeHtml(describeTransforms(transforms))}</li>`,
	);
	const sections: string[] = [];
	for (const row of rows) sections.push(await section(row));
	return Buffer.from(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Photos before and after the transforms</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Photos before and after the transforms</h1>
<ul>
${lists.join("\n")}
</ul>
${sections.join("\n")}
</body>
</html>
`);
}
