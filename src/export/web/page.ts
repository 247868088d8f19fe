import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { packageRoot } from "../../paths.ts";
import {
	html,
	jsonScript,
	type Markup,
	trusted,
} from "../../runs/report/html.ts";
import { pageHead } from "../../runs/report/shell.ts";
import { THEME_SCRIPT } from "../../runs/report/theme-script.ts";
import { count } from "../../text.ts";
import { writeWhole } from "../../write-whole.ts";
import { WEB_STYLE } from "./style.ts";
import { IDS, type WebPage, type WebSettings } from "./types.ts";

/** The page's name in the folder of an export. */
export const WEB_FILE = "index.html";

/** Networks up to this size stand in the page, which then opens by a double click and can be mailed. */
const MOST_EMBEDDED = 64 * 1024 * 1024;

/** Characters of a script element: browsers read many small texts sooner than one of a hundred million. */
const CHUNK = 4 * 1024 * 1024;

/**
 * Writes index.html into the folder of a tfjs export: a page that classifies photos in the browser, with the
 * transforms of the training bundled from the same source (src/data). The folder holds model.json and its shards.
 * Nothing is asked from any network but the folder itself.
 */
export function writeWebPage(folder: string, page: WebPage): void {
	const isEmbedded = page.modelBytes <= MOST_EMBEDDED;
	const model = isEmbedded ? embeddedModel(folder) : undefined;
	writeWhole(join(folder, WEB_FILE), webPage(page, model, webScript()));
}

/** model.json and the bytes of its shards, base64, in pieces. */
export interface EmbeddedModel {
	readonly json: unknown;
	readonly chunks: readonly string[];
}

interface ModelJson {
	readonly weightsManifest: readonly {
		readonly paths: readonly string[];
		readonly weights: readonly unknown[];
	}[];
}

function embeddedModel(folder: string): EmbeddedModel {
	const json = JSON.parse(
		readFileSync(join(folder, "model.json"), "utf8"),
	) as ModelJson;
	const bytes = Buffer.concat(
		json.weightsManifest.flatMap(({ paths }) =>
			paths.map((path) => readFileSync(join(folder, path))),
		),
	);
	const chunks: string[] = [];
	const size = (CHUNK / 4) * 3;
	for (let from = 0; from < bytes.length; from += size)
		chunks.push(bytes.subarray(from, from + size).toString("base64"));
	return { json, chunks };
}

/** The script of the page, bundled for browsers from src/export/web/browser (0.5 s the first time). */
function webScript(): string {
	const root = packageRoot();
	const { builtWebScript } = createRequire(import.meta.url)(
		join(root, "src", "build.cjs"),
	) as { builtWebScript: (root: string) => string };
	return readFileSync(builtWebScript(root), "utf8");
}

/** Nothing but the page's own folder; WebAssembly resizes photos and may compute the network. */
const POLICY =
	"default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; connect-src 'self' blob: data:; base-uri 'none'; form-action 'none'";

/** The page as text. @param script bundled, without "</script". */
export function webPage(
	page: WebPage,
	model: EmbeddedModel | undefined,
	script: string,
): string {
	const { title, classNames, transforms, exif, isMultiLabel = false } = page;
	const settings: WebSettings = {
		...{ classNames, transforms, exif, isMultiLabel },
		isEmbedded: model !== undefined,
	};
	return html`${pageHead(title, POLICY, WEB_STYLE)}
<body>
${body(page)}
${jsonScript(IDS.settings, settings)}
${
	model !== undefined && [
		jsonScript(IDS.model, model.json),
		...model.chunks.map((chunk, index) =>
			trusted(
				`\n<script type="text/plain" id="${IDS.shards}${index}">${chunk}</script>`,
			),
		),
	]
}
<script>"use strict";{${trusted(THEME_SCRIPT)}}</script>
<script>${trusted(script.replace(/<\/(script)/gi, "<\\/$1"))}</script>
</body>
</html>
`.text;
}

/** Names that the lead tells. */
const MOST_NAMES = 8;

function body({
	title,
	classNames,
	transforms,
	isMultiLabel,
	runId,
}: WebPage): Markup {
	const more = classNames.length - MOST_NAMES;
	const names = classNames.slice(0, MOST_NAMES).join(", ");
	const steps = transforms
		.map(({ name }) => name)
		.filter((name) => name !== "Normalize");
	return html`<main>
<div class="bar"><button type="button" id="theme">theme: auto</button></div>
<h1>${title}</h1>
<p class="lead">${isMultiLabel === true ? "Says which of these a photo shows" : "Tells photos apart"}: ${names}${more > 0 && `, and ${count(more, "more class", "more classes")}`}.</p>
<section class="drop" id="${IDS.drop}" aria-label="Photos">
<svg viewBox="0 0 24 24" aria-hidden="true"><rect x="3" y="4" width="18" height="16" rx="2.5"/><circle cx="8.5" cy="9.5" r="1.75"/><path d="M4 17.5l5-4.5 3.5 3 3.5-4 4.5 4.5"/></svg>
<p class="call">Drop photos here</p>
<button type="button" id="${IDS.choose}">Choose photos</button>
<input type="file" id="${IDS.files}" accept="image/*" multiple hidden>
<p class="quiet">or paste one. They stay in this browser: nothing is sent anywhere.</p>
</section>
<p id="${IDS.status}" role="status" aria-live="polite">Loading the network …</p>
<div class="tools" id="${IDS.tools}" hidden><button type="button" id="${IDS.save}">save as CSV</button><button type="button" id="${IDS.clear}">clear</button></div>
<section aria-labelledby="answers"><h2 class="spoken" id="answers">Answers</h2><div id="${IDS.results}"></div></section>
<p class="foot quiet"><span>${steps.join(", ")}: the pixels of the training</span><span id="${IDS.machine}"></span>${runId !== undefined && html`<span>run ${runId}, by Graft</span>`}</p>
</main>`;
}
