import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { openBrowser } from "../runs/devtools.ts";
import { folderFor } from "./graft.ts";
import { needs } from "./needs.ts";
import { checkPage } from "./page-checks.ts";

/** The checks of pages, checked: a good page passes, and each fault is told. */

const chromium = needs("chromium");

const GOOD = `<!doctype html><html lang="en"><title>good</title><link rel="icon" href="data:,"><style>body{color:#222;background:#fff}@media(prefers-color-scheme:dark){body{color:#eee;background:#111}}@media print{body{color:#000;background:#fff}}</style>
<main><h1>Good</h1><h2>Part</h2><button>press</button><details><summary>more</summary><p>folded</p></details>
<table aria-label="t"><tr><td><button tabindex="0">a</button><td><button tabindex="-1">b</button></table></main>
<script>addEventListener("beforeprint",()=>{document.querySelector("details").open=true});
const [,a,b]=document.querySelectorAll("button");a.onkeydown=(e)=>{if(e.key==="ArrowRight")b.focus()}</script>`;

test("page checks", { skip: chromium.missing }, async (t) => {
	const browser = await openBrowser(chromium.path);
	t.after(() => browser.close());
	const file = join(folderFor(t), "page.html");
	const url = pathToFileURL(file).href;
	await t.test("a good page passes them all", async (t) => {
		writeFileSync(file, GOOD);
		await checkPage(t, browser, url);
	});

	/** Claims that failed, the checks run as if by a test. */
	const failures = async (page: string): Promise<string> => {
		writeFileSync(file, page);
		const said: string[] = [];
		const runner = {
			test: async (claim: string, work: () => Promise<void>) => {
				try {
					await work();
				} catch (error) {
					said.push(`${claim}: ${(error as Error).message}`);
				}
			},
		};
		await checkPage(runner as unknown as TestContext, browser, url);
		return said.join("\n");
	};

	const FAULTS: readonly (readonly [string, string, string, RegExp])[] = [
		["a page without a language", ' lang="en"', "", /html has no lang/],
		[
			"a skipped heading",
			"<h2>Part</h2>",
			"<h3>Part</h3>",
			/h3 "Part" follows/,
		],
		[
			"faint text",
			"<h2>",
			'<h2 style="color:#888;font-size:14px">',
			/contrast 3\.54/,
		],
		[
			"a button without a name",
			"<button>press",
			"<button>",
			/button .* no name/,
		],
		[
			"a wide page",
			"<h1>",
			'<h1 style="width:500px">',
			/500 px|wide on a screen of 390/,
		],
		[
			"a control out of reach",
			"<button>press",
			'<button tabindex="-1">press',
			/"press" is not reached/,
		],
		[
			"a focus that is not seen",
			"<button>press",
			'<button style="outline:none">press',
			/"press" does not show/,
		],
		[
			"a group without arrow keys",
			"b.focus()",
			"0",
			/button "b" is not reached/,
		],
		[
			"a click without a key",
			"<h2>Part",
			"<h2 onclick='1'>Part",
			/answers a pointer/,
		],
		["a folded part on paper", "open=true", "lang=''", /stays folded/],
		[
			"motion",
			"<h2>",
			'<h2 style="transition:transform 1s">',
			/moves: transform/,
		],
		["NaN", "Part", "NaN %", /text: NaN %/],
		[
			"a request",
			"<h2>",
			'<img alt="" src="other.png"><h2>',
			/it asks for file:.*other\.png/,
		],
		["an exception", "</script>", "\nthrow Error('boom')</script>", /boom/],
	];
	for (const [fault, from, to, told] of FAULTS)
		await t.test(`${fault} is told`, async () => {
			assert.ok(GOOD.includes(from));
			assert.match(await failures(GOOD.replace(from, to)), told);
		});
});
