import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { readRun } from "../../src/runs/record.ts";
import { renderReport } from "../../src/runs/report/page.ts";
import type { NewEvent, Prediction } from "../../src/runs/types.ts";
import { needs } from "../support/needs.ts";
import { type Browser, openBrowser } from "./devtools.ts";
import {
	finishedEvents,
	PREDICTIONS,
	temporaryFolder,
	writeJournal,
} from "./example-run.ts";

const chromium = needs("chromium");

/** A red dot as GIF. */
const DOT =
	"data:image/gif;base64,R0lGODlhAQABAIAAAP8AAP///ywAAAAAAQABAAACAkQBADs=";

function reportUrl(
	t: TestContext,
	change: (event: NewEvent) => NewEvent = (event) => event,
	predictions: readonly Prediction[] = PREDICTIONS,
): string {
	const folder = temporaryFolder(t);
	const run = writeJournal(folder, "a", finishedEvents("a").map(change));
	const images = new Map(predictions.map(({ path }) => [path, DOT]));
	const path = join(folder, "report.html");
	writeFileSync(
		path,
		renderReport(readRun(run), predictions, images, {
			yaml: "name: resize\n",
		}),
	);
	return pathToFileURL(path).href;
}

function nothingLeft(browser: Browser, url: string): void {
	assert.deepEqual(browser.complaints, []);
	const outside = browser.requests.filter(
		(request) => request !== url && !request.startsWith("data:"),
	);
	assert.deepEqual(outside, []);
}

test("the report in Chromium", { skip: chromium.missing }, async (t) => {
	const browser = await openBrowser(chromium.path);
	t.after(() => browser.close());
	const { evaluate, press } = browser;
	const focus = (selector: string) =>
		evaluate(`document.querySelector(${JSON.stringify(selector)}).focus()`);
	const active = () =>
		evaluate(
			"document.activeElement.dataset.cell ?? document.activeElement.id",
		);
	const url = reportUrl(t);
	await browser.open(url);

	await t.test("arrow keys read each epoch, aloud and in sight", async () => {
		await focus(".plot");
		await press("ArrowLeft");
		assert.deepEqual(
			await evaluate(
				`[...document.querySelectorAll(".plot")].map((plot) => plot.getAttribute("aria-valuetext"))`,
			),
			[
				"epoch 2: valid 0.6000, train 0.7500",
				"epoch 2: valid 62.50 %, train 70.00 %",
			],
		);
		assert.match(
			await evaluate(`document.querySelector(".readout").innerText`),
			/epoch 2.*0\.6000.*0\.7500/s,
		);
		await press("Home");
		assert.match(
			await evaluate(`document.querySelector(".readout").innerText`),
			/epoch 1/,
		);
		await press("End");
	});

	await t.test("a pointer reads the epoch below it", async () => {
		const box = await evaluate(
			`(({ left, top, width, height }) => ({ x: left + width * 0.1, y: top + height / 2 }))((document.querySelector(".plot").scrollIntoView(), document.querySelector(".plot svg").getBoundingClientRect()))`,
		);
		await browser.send("Input.dispatchMouseEvent", {
			type: "mouseMoved",
			...box,
		});
		assert.match(
			await evaluate(`document.querySelector(".readout").innerText`),
			/epoch 1/,
		);
	});

	await t.test(
		"the matrix is one tab stop, walked by arrow keys, and Enter opens the photos of a cell",
		async () => {
			assert.equal(
				await evaluate(
					`document.querySelectorAll("[data-cell][tabindex='0']").length`,
				),
				1,
			);
			await focus("[data-cell]");
			assert.equal(await active(), "0,0");
			await press("ArrowRight");
			assert.equal(await active(), "0,2");
			await press("ArrowDown");
			assert.equal(await active(), "1,1");
			await press("ArrowDown");
			await press("ArrowRight");
			assert.equal(await active(), "2,2");
			await press("ArrowLeft");
			assert.equal(await active(), "2,0");
			await press("Enter");
			assert.equal(
				await evaluate(`document.querySelector("dialog[open] h2").innerText`),
				"1 photo of fruit taken for bird",
			);
			assert.deepEqual(
				await evaluate(
					`[...document.querySelectorAll("dialog li")].map((card) => [card.querySelector("img").naturalWidth, card.innerText.trim().replace(/\\s+/g, " ")])`,
				),
				[[1, "bird 90 % is fruit 5 % valid/fruit/6.jpg"]],
			);
			await press("Escape");
			assert.equal(
				await evaluate(`document.querySelector("dialog").open`),
				false,
			);
			assert.equal(await active(), "2,0");
		},
	);

	await t.test(
		"a pair of the most confused opens the same photos",
		async () => {
			await focus("[data-open='0,2']");
			await press("Enter");
			assert.equal(
				await evaluate(`document.querySelector("dialog[open] h2").innerText`),
				"1 photo of bird taken for fruit",
			);
			await press("Escape");
		},
	);

	await t.test("the theme follows the system until it is chosen", async () => {
		const ground = () =>
			evaluate("getComputedStyle(document.body).backgroundColor");
		const system = (value: string) =>
			browser.send("Emulation.setEmulatedMedia", {
				features: [{ name: "prefers-color-scheme", value }],
			});
		await system("light");
		const light = await ground();
		await system("dark");
		const dark = await ground();
		assert.notEqual(light, dark);
		await focus("#theme");
		await press("Enter");
		assert.equal(await ground(), light);
		await press("Enter");
		await system("light");
		assert.equal(await ground(), dark);
		await press("Enter");
	});

	await t.test(
		"nothing is wider than a phone, and every control has a name",
		async () => {
			await browser.send("Emulation.setDeviceMetricsOverride", {
				width: 390,
				height: 800,
				deviceScaleFactor: 1,
				mobile: false,
			});
			assert.equal(await evaluate("document.documentElement.scrollWidth"), 390);
			const { nodes } = await browser.send("Accessibility.getFullAXTree");
			for (const { role, name, ignored } of nodes) {
				if (
					ignored ||
					!["button", "slider", "image", "table"].includes(role?.value)
				)
					continue;
				assert.notEqual(name?.value ?? "", "", role.value);
			}
		},
	);

	await t.test("no console error, and no request leaves the page", () =>
		nothingLeft(browser, url),
	);

	await t.test("hostile names run nothing and break no control", async () => {
		const hostile = `<img src=x onerror="document.title='hacked'"></script>`;
		const bad = reportUrl(
			t,
			(event) =>
				event.type === "data"
					? { ...event, classNames: [hostile, "猫".repeat(300), "\u202e<b>"] }
					: event,
			PREDICTIONS.map((photo) => ({
				...photo,
				path: `${hostile}${photo.path}`,
			})),
		);
		browser.requests.splice(0);
		await browser.open(bad);
		await focus("[data-cell='2,0']");
		await press("Enter");
		assert.match(
			await evaluate(`document.querySelector("dialog[open] h2").innerText`),
			/taken for <img src=x onerror/,
		);
		assert.equal(await evaluate("document.title"), "resize · a");
		assert.equal(await evaluate("document.documentElement.scrollWidth"), 390);
		nothingLeft(browser, bad);
	});
});
