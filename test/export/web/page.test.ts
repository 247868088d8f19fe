import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, extname, join } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import sharp from "sharp";
import type { Transform } from "../../../src/experiment/types.ts";
import { pixelsOf } from "../../../src/export/parity.ts";
import { writeWebPage } from "../../../src/export/web/page.ts";
import type { WebPage } from "../../../src/export/web/types.ts";
import { type Browser, openBrowser } from "../../runs/devtools.ts";
import { folderFor, tuxpaint } from "../../support/graft.ts";
import { needs } from "../../support/needs.ts";
import { checkPage, takeScreens } from "../../support/page-checks.ts";
import { writeTinyModel } from "./tiny-model.ts";

/** The page that classifies photos in the browser. GRAFT_SCREENS names a folder for pictures of it. */

const chromium = needs("chromium");

const SIZE = 64;
const TRANSFORMS: readonly Transform[] = [
	{ name: "Resize", params: { size: 80, interpolation: "bilinear" } },
	{ name: "CenterCrop", params: { size: SIZE } },
	{ name: "ToTensor", params: {} },
	{
		name: "Normalize",
		params: { mean: [0.5], std: [0.5], scale: 1, channels: "RGB" },
	},
];
/** Red, green or blue. */
const WEIGHTS = [
	[9, -3, -3],
	[-3, 9, -3],
	[-3, -3, 9],
];
const PAGE: Omit<WebPage, "modelBytes"> = {
	title: "What colour <is> it",
	classNames: ["red", "<i>green</i>", "blue"],
	transforms: TRANSFORMS,
	exif: "apply",
	runId: "2026-11-24-tiny",
};
/** Resolves with `value` once `ready` holds; told what the page says where it does not. */
const once = (ready: string, value = "true") =>
	`new Promise((resolve, reject) => { const end = Date.now() + 20000; const look = () => (${ready}) ? resolve(${value}) : Date.now() > end ? reject(new Error(document.body.innerText)) : setTimeout(look, 20); look(); })`;

const SETTLED = once(
	`document.getElementById("status").textContent === "Ready."`,
);

/** Resolves with what the cards say once the page has no photo left. */
const answered = (count: number) =>
	once(
		`document.body.dataset.state === "ready" && document.querySelectorAll("article").length === ${count}`,
		`[...document.querySelectorAll("article")].map((card) => ({ name: card.dataset.name, scores: card.dataset.scores && JSON.parse(card.dataset.scores), text: card.innerText, pixels: card.querySelector("canvas") && Array.from(card.querySelector("canvas").getContext("2d").getImageData(0, 0, ${SIZE}, ${SIZE}).data) }))`,
	);

/** What a hand does with files, as an expression. */
function giving(how: "drop" | "paste", files: readonly string[]): string {
	const contents = files.map((file) => [
		basename(file),
		readFileSync(file).toString("base64"),
	]);
	const event =
		how === "drop"
			? `new DragEvent("drop", { dataTransfer: given, bubbles: true, cancelable: true })`
			: `new ClipboardEvent("paste", { clipboardData: given, bubbles: true })`;
	return `(() => {
		const given = new DataTransfer();
		for (const [name, text] of ${JSON.stringify(contents)})
			given.items.add(new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], name));
		document.body.dispatchEvent(${event});
	})()`;
}

const give = (
	{ evaluate }: Browser,
	...what: Parameters<typeof giving>
): Promise<void> => evaluate(giving(...what));

/** What Graft itself makes of a photo: bytes as in a canvas, and the tiny network's probabilities. */
async function expectedOf(file: string, exif: "apply" | "ignore" = "apply") {
	const { data } = await pixelsOf(file, TRANSFORMS, { exif });
	const plane = SIZE * SIZE;
	const means = [0, 1, 2].map(
		(c) =>
			data.subarray(c * plane, (c + 1) * plane).reduce((a, b) => a + b, 0) /
			plane,
	);
	const logits = [0, 1, 2].map((c) =>
		means.reduce((sum, mean, at) => sum + mean * (WEIGHTS[at]?.[c] ?? 0), 0),
	);
	const powers = logits.map(Math.exp);
	const sum = powers.reduce((a, b) => a + b, 0);
	const pixels = Array.from({ length: plane * 4 }, (_, at) =>
		at % 4 === 3
			? 255
			: Math.round(255 * (data[(at % 4) * plane + (at >> 2)] as number)),
	);
	return { probabilities: powers.map((each) => each / sum), pixels };
}

const largest = (a: readonly number[], b: readonly number[]) =>
	a.reduce(
		(most, each, at) => Math.max(most, Math.abs(each - (b[at] ?? 0))),
		0,
	);

test("the page of a tfjs export in Chromium", {
	skip: chromium.missing,
}, async (t) => {
	const folder = folderFor(t);
	const out = join(folder, "model");
	const photos = join(folder, "photos");
	for (const each of [out, photos]) mkdirSync(each);
	const modelBytes = writeTinyModel(out, SIZE, WEIGHTS);
	writeWebPage(out, { ...PAGE, modelBytes });
	const url = pathToFileURL(join(out, "index.html")).href;
	const [jpeg = ""] = readdirSync(join(tuxpaint, "valid", "fruit")).map(
		(name) => join(tuxpaint, "valid", "fruit", name),
	);
	const browser = await openBrowser(chromium.path, [
		"--enable-unsafe-swiftshader",
	]);
	t.after(() => browser.close());
	const { evaluate } = browser;
	/** A photo with all that decoders may differ in, as PNG. */
	const png = join(photos, "grapes.png");
	await sharp(jpeg).png().toFile(png);

	await t.test(
		"a double click on the file is enough: nothing is asked for",
		async (t) => {
			await checkPage(t, browser, url, { settled: SETTLED });
		},
	);

	await t.test(
		"a dropped PNG gets the pixels and the probabilities of the training",
		async () => {
			await browser.open(url);
			await give(browser, "drop", [png]);
			const [card] = await evaluate(answered(1));
			const expected = await expectedOf(png);
			assert.equal(card.name, "grapes.png");
			assert.equal(largest(card.pixels, expected.pixels), 0);
			assert.ok(largest(card.scores, expected.probabilities) < 1e-5);
			assert.match(card.text, /as the network sees it, 64×64/);
			assert.match(card.text, /\d+ ms with (webgl|wasm)/);
		},
	);

	await t.test(
		"a JPEG of the data set differs by what decoders round",
		async () => {
			await browser.open(url);
			await give(browser, "paste", [jpeg]);
			const [card] = await evaluate(answered(1));
			const expected = await expectedOf(jpeg);
			assert.ok(largest(card.pixels, expected.pixels) <= 2);
			assert.ok(largest(card.scores, expected.probabilities) < 2e-3);
		},
	);

	await t.test(
		"alpha is dropped, not composited; grey, palettes and 16 bits are read as Graft reads them",
		async () => {
			const raw = Buffer.from(
				Array.from({ length: 90 * 100 * 4 }, (_, at) => (at * 7919) % 251),
			);
			const rgba = sharp(raw, { raw: { width: 100, height: 90, channels: 4 } });
			const files = ["alpha", "grey", "palette"].map((name) =>
				join(photos, `${name}.png`),
			);
			await rgba
				.clone()
				.png()
				.toFile(files[0] as string);
			await rgba
				.clone()
				.removeAlpha()
				.greyscale()
				.png()
				.toFile(files[1] as string);
			await rgba
				.clone()
				.removeAlpha()
				.png({ palette: true, colours: 16 })
				.toFile(files[2] as string);
			await browser.open(url);
			await give(browser, "drop", files);
			const cards = await evaluate(answered(3));
			for (const file of files) {
				const card = cards.find(
					({ name }: { name: string }) => name === basename(file),
				);
				assert.equal(
					largest(card.pixels, (await expectedOf(file)).pixels),
					0,
					file,
				);
			}
		},
	);

	await t.test("photos are turned as the experiment turned them", async () => {
		// Wider than high, so that a turn is seen; every turn, and every format that has them.
		const photo = sharp(jpeg).resize(120, 90, { fit: "cover" });
		const forms = [
			...[2, 3, 4, 5, 6, 7, 8].map((turn) => [turn, "png"] as const),
			...[[6, "jpeg"] as const, [8, "webp"] as const],
		];
		const files = forms.map(([turn, format]) =>
			join(photos, `turned-${turn}.${format}`),
		);
		for (const [index, [orientation, format]] of forms.entries())
			await photo
				.clone()
				.withMetadata({ orientation })
				.toFormat(format, { ...(format === "webp" && { lossless: true }) })
				.toFile(files[index] as string);
		for (const exif of ["apply", "ignore"] as const) {
			const other = join(folder, exif);
			mkdirSync(other);
			writeTinyModel(other, SIZE, WEIGHTS);
			writeWebPage(other, { ...PAGE, exif, modelBytes });
			await browser.open(pathToFileURL(join(other, "index.html")).href);
			await give(browser, "drop", files);
			const cards = await evaluate(answered(files.length));
			for (const file of files) {
				const { pixels } = await expectedOf(file, exif);
				const card = cards.find(
					({ name }: { name: string }) => name === basename(file),
				);
				const found = largest(card.pixels, pixels);
				const most = file.endsWith("jpeg") ? 2 : 0;
				assert.ok(found <= most, `${basename(file)}, ${exif}: ${found}`);
			}
		}
	});

	await t.test(
		"WebGL, WebAssembly and plain JavaScript say the same",
		async () => {
			const { probabilities } = await expectedOf(png);
			for (const backend of ["webgl", "wasm", "cpu"]) {
				await browser.open(`${url}?backend=${backend}`);
				await give(browser, "drop", [png]);
				const [card] = await evaluate(answered(1));
				assert.match(card.text, new RegExp(`ms with ${backend},`));
				assert.ok(largest(card.scores, probabilities) < 1e-5, backend);
			}
		},
	);

	await t.test(
		"heads without probabilities show what they measure, and several labels are said together",
		async () => {
			const cases = [
				["none", false, /^(red|blue) -?\d+\.\d{3}$/m],
				["Sigmoid", true, /^red, blue$/m],
				["Sigmoid", true, /^none of the classes$/m],
			] as const;
			for (const [index, [end, isMultiLabel, expected]] of cases.entries()) {
				const other = join(folder, `end-${index}`);
				mkdirSync(other);
				const weights = [
					[9, -3, 6],
					[-3, -9, 1],
					[-3, -3, 1],
				].map((row) =>
					row.map((each) => (index === 2 ? -Math.abs(each) : each)),
				);
				writeTinyModel(other, SIZE, weights, end);
				writeWebPage(other, { ...PAGE, isMultiLabel, modelBytes });
				await browser.open(pathToFileURL(join(other, "index.html")).href);
				await give(browser, "drop", [jpeg]);
				const [card] = await evaluate(answered(1));
				assert.match(card.text, expected);
				assert.equal(card.text.includes("%"), end !== "none");
			}
		},
	);

	await t.test(
		"several photos at once, one of them no photo, are all told, and aloud",
		async () => {
			const broken = join(photos, "broken.jpg");
			writeFileSync(broken, "no photo");
			const colours = ["red", "green", "blue"];
			const files = colours.map((name) => join(photos, `${name}.png`));
			for (const [index, file] of files.entries())
				await sharp({
					create: {
						width: 90,
						height: 90,
						channels: 3,
						background: colours[index] as string,
					},
				})
					.png()
					.toFile(file);
			await browser.open(url);
			await evaluate(
				`(globalThis.said = [], new MutationObserver(() => said.push(document.getElementById("status").textContent)).observe(document.getElementById("status"), { childList: true }))`,
			);
			const { root } = await browser.send("DOM.getDocument");
			const { nodeId } = await browser.send("DOM.querySelector", {
				nodeId: root.nodeId,
				selector: "#files",
			});
			await browser.send("DOM.setFileInputFiles", {
				nodeId,
				files: [...files, broken],
			});
			const cards = await evaluate(answered(4));
			assert.deepEqual(
				cards.map(({ text }: { text: string }) =>
					text
						.split("\n")
						.filter((line) => line !== "" && !line.startsWith("as the"))
						.slice(0, 2)
						.join(": "),
				),
				[
					"broken.jpg: This browser cannot read it as a picture.",
					"blue.png: blue 100.0 %",
					"green.png: <i>green</i> 99.5 %",
					"red.png: red 100.0 %",
				],
			);
			assert.match(
				(await evaluate("said")).join("; "),
				/Looking at photo 2 of 4/,
			);
		},
	);

	await t.test(
		"names of photos and classes are texts, never markup",
		async () => {
			assert.equal(
				await evaluate("document.querySelectorAll('main i').length"),
				0,
			);
			assert.equal(await evaluate("document.title"), PAGE.title);
		},
	);

	await t.test(
		"with answers and a failure on it, too, the page keeps the contract",
		async (t) => {
			const many = join(folder, "many");
			mkdirSync(many);
			const weights = [0, 1, 2].map((row) =>
				Array.from({ length: 7 }, (_, column) => (row * 7 + column * 3) % 5),
			);
			writeTinyModel(many, SIZE, weights);
			const classNames = [
				"bird",
				"a class with a very long name that no column holds",
				..."cdefg",
			];
			writeWebPage(many, { ...PAGE, classNames, modelBytes });
			const given = giving("drop", [jpeg, join(photos, "broken.jpg"), png]);
			await checkPage(
				t,
				browser,
				pathToFileURL(join(many, "index.html")).href,
				{
					settled: `(async () => { await ${SETTLED}; ${given}; await ${answered(3)}; return true; })()`,
				},
			);
			if (process.env.GRAFT_SCREENS)
				await takeScreens(browser, process.env.GRAFT_SCREENS, "web");
		},
	);

	await t.test(
		"a network too large for one page is asked for beside it, or the page says how to serve it",
		async (t) => {
			const large = join(folder, "large");
			mkdirSync(large);
			writeTinyModel(large, SIZE, WEIGHTS);
			writeWebPage(large, { ...PAGE, modelBytes: 65 * 1024 * 1024 });
			await browser.open(pathToFileURL(join(large, "index.html")).href);
			await evaluate(once(`document.body.dataset.state === "failed"`));
			assert.match(
				await evaluate("document.getElementById('status').textContent"),
				/python3 -m http\.server 8000/,
			);
			const types: Record<string, string> = {
				".html": "text/html",
				".json": "application/json",
				".bin": "application/octet-stream",
			};
			const server = createServer(({ url: path = "/" }, response) => {
				response.setHeader(
					"content-type",
					types[extname(path)] ?? "text/plain",
				);
				response.end(readFileSync(join(large, basename(path))));
			}).listen(0, "127.0.0.1");
			t.after(() => server.close());
			await new Promise((resolve) => server.once("listening", resolve));
			const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
			await checkPage(t, browser, `${origin}index.html`, {
				settled: SETTLED,
				mayAsk: [origin],
			});
			await give(browser, "drop", [png]);
			const [card] = await evaluate(answered(1));
			assert.ok(
				largest(card.scores, (await expectedOf(png)).probabilities) < 1e-5,
			);
		},
	);
});
