import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { readRun } from "../../src/runs/record.ts";
import { type PageParts, renderReport } from "../../src/runs/report/page.ts";
import type { NewEvent, Prediction } from "../../src/runs/types.ts";
import { needs } from "../support/needs.ts";
import { checkPage } from "../support/page-checks.ts";
import { openBrowser } from "./devtools.ts";
import {
	finishedEvents,
	PREDICTIONS,
	startEvent,
	temporaryFolder,
	writeJournal,
} from "./example-run.ts";
import { LIVE_PLAN, PLAN, TAGGED } from "./report-example.ts";

const chromium = needs("chromium");

/** A dot as GIF. */
const DOT =
	"data:image/gif;base64,R0lGODlhAQABAIAAAP8AAP///ywAAAAAAQABAAACAkQBADs=";

function pageUrl(
	t: TestContext,
	parts: PageParts,
	predictions: readonly Prediction[] = PREDICTIONS,
	events: readonly NewEvent[] = finishedEvents("a"),
): string {
	const folder = temporaryFolder(t);
	const run = writeJournal(folder, "a", events);
	const images = new Map(
		predictions.slice(0, 30).map(({ path }) => [path, DOT]),
	);
	const path = join(folder, "report.html");
	writeFileSync(path, renderReport(readRun(run), predictions, images, parts));
	return pathToFileURL(path).href;
}

/** Everything that a page may show. */
const ALL: PageParts = {
	yaml: `name: resize\n# ${"long ".repeat(60)}\n`,
	plan: PLAN,
	extras: {
		heat: new Map(PREDICTIONS.map(({ path }) => [path, DOT])),
		views: new Map([
			["valid/fruit/6.jpg", { left: 0.25, top: 0, width: 0.5, height: 1 }],
		]),
		checks: [`a line of graft data: ${"photo.jpg ".repeat(30)}`],
		strategy: {
			...{ strategy: "linear_probe", sets: ["strategy=linear_probe"] },
			reasons: ["20 photos a class, and features that separate them"],
		},
	},
};

const NAMES = ["<b>&", "קטגוריה ארוכה מאוד", `🦜${"very long ".repeat(30)}`];

test("tables sort, classes open and heat maps show by keyboard", {
	skip: chromium.missing,
}, async (t) => {
	const browser = await openBrowser(chromium.path);
	t.after(() => browser.close());
	const { evaluate, press } = browser;
	await browser.open(pageUrl(t, ALL));
	const focus = (selector: string) =>
		evaluate(`document.querySelector(${JSON.stringify(selector)}).focus()`);
	const classes = () =>
		evaluate(
			`[...document.querySelectorAll("#class-table tbody th bdi")].map((name) => name.textContent)`,
		);

	await t.test(
		"a column sorts upwards, then downwards, and says so",
		async () => {
			assert.deepEqual(await classes(), ["bird", "flower", "fruit"]);
			await focus("#class-table th:nth-child(6) button");
			await press("Enter");
			assert.deepEqual(await classes(), ["bird", "fruit", "flower"]);
			const sorted = () =>
				evaluate(
					`[...document.querySelectorAll("#class-table [aria-sort]")].map((head) => head.getAttribute("aria-sort"))`,
				);
			assert.deepEqual(await sorted(), [
				...["none", "none", "none", "none", "ascending"],
			]);
			await press("Enter");
			assert.deepEqual(await classes(), ["flower", "bird", "fruit"]);
			assert.equal((await sorted()).at(-1), "descending");
		},
	);

	await t.test(
		"a class opens what was missed, wrongly said and found",
		async () => {
			await focus("[data-class='0']");
			await press("Enter");
			assert.deepEqual(
				await evaluate(
					`[...document.querySelectorAll("dialog[open] h2, dialog[open] h3, dialog[open] .path")].map((each) => each.textContent)`,
				),
				[
					...["Photos of bird", "missed (1)", "valid/bird/2.jpg"],
					...["wrongly said to be it (1)", "valid/fruit/6.jpg"],
					...["found (2)", "valid/bird/1.jpg", "valid/bird/0.jpg"],
				],
			);
		},
	);

	await t.test(
		"the switch in the dialog shows the heat maps everywhere, each over its view",
		async () => {
			const shown = () =>
				evaluate(
					`[...document.querySelectorAll("img.heat")].filter((map) => map.checkVisibility()).length`,
				);
			assert.equal(await shown(), 0);
			await focus("dialog [data-heat]");
			await press("Enter");
			assert.equal(await shown(), 8 + 4);
			assert.deepEqual(
				await evaluate(
					`[...document.querySelectorAll("[data-heat]")].map((button) => button.getAttribute("aria-pressed"))`,
				),
				["true", "true", "true"],
			);
			assert.deepEqual(
				await evaluate(
					`(({ left, width }) => [left, width])(document.querySelector("dialog img[data-photo='valid/fruit/6.jpg'] + .heat").style)`,
				),
				["25%", "50%"],
			);
			await press("Escape");
			await focus("#wrong ~ .heat-bar button");
			await press("Enter");
			assert.equal(await shown(), 0);
		},
	);
});

test("the page of a run keeps the contract of every page", {
	skip: chromium.missing,
}, async (t) => {
	const browser = await openBrowser(chromium.path);
	t.after(() => browser.close());
	const named = finishedEvents("a").map(
		(event): NewEvent =>
			event.type === "data" ? { ...event, classNames: NAMES } : event,
	);
	const pages: Record<string, string> = {
		everything: pageUrl(t, ALL),
		"odd names": pageUrl(
			t,
			{ ...ALL, plan: LIVE_PLAN },
			PREDICTIONS.map((one) => ({ ...one, path: NAMES[2] + one.path })),
			named,
		),
		"several labels": pageUrl(t, { plan: PLAN }, TAGGED),
		"a run that failed at once": pageUrl(
			t,
			{},
			[],
			[
				startEvent("a"),
				{
					...{ type: "end", status: "FAILED" },
					error: { code: "data-missing", message: "no photos" },
				},
			],
		),
		"two hundred classes": largeUrl(t),
	};
	for (const [name, url] of Object.entries(pages))
		await t.test(name, (t) => checkPage(t, browser, url));
});

/** 10,000 photos of 200 classes, a seventh of them wrong. */
function largeUrl(t: TestContext): string {
	const classNames = Array.from({ length: 200 }, (_, i) => `class number ${i}`);
	const probabilities = classNames.map(() => 0.005);
	const predictions = Array.from({ length: 10_000 }, (_, index) => ({
		...{ path: `valid/${index % 200}/${index}.jpg`, sha256: "", probabilities },
		label: index % 200,
		predicted: index % 7 === 0 ? (index * 3 + 1) % 200 : index % 200,
		loss: index % 7 === 0 ? 2 + index / 1e4 : 0.1,
	}));
	const photos = (n: number) => classNames.map((_, index) => n + (index % 9));
	const events = finishedEvents("a").map(
		(event): NewEvent =>
			event.type === "data"
				? {
						...{ ...event, classNames },
						counts: { train: photos(90), valid: photos(46) },
					}
				: event,
	);
	return pageUrl(t, { plan: PLAN }, predictions, events);
}
