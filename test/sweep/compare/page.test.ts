import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { readRun } from "../../../src/runs/record.ts";
import { compareTrials } from "../../../src/sweep/compare/compare.ts";
import type { SweepDetails } from "../../../src/sweep/compare/page/details.ts";
import { comparisonPage } from "../../../src/sweep/compare/page/page.ts";
import type { Task, TrialState } from "../../../src/sweep/types.ts";
import { openBrowser } from "../../runs/devtools.ts";
import {
	finishedEvents,
	PREDICTIONS,
	temporaryFolder,
	writeJournal,
} from "../../runs/example-run.ts";
import { needs } from "../../support/needs.ts";
import { checkPage, takeScreens } from "../../support/page-checks.ts";

/** The comparison page in a real browser. */

const chromium = needs("chromium");

const trials: readonly TrialState[] = Array.from(
	{ length: 24 },
	(_, index) => ({
		...{ trial: `t${index}`, index, runId: `run-${index}`, status: "FINISHED" },
		values: {
			"train.learning_rate": [0.0001, 0.01, 1][index % 3] as number,
			transforms: index % 2 === 0 ? "<b>squash</b>" : "crop",
			seed: index % 4,
		},
		metrics: { "valid/accuracy": 0.5 + ((index * 7) % 24) / 50 },
	}),
);

test("the comparison page in Chromium", {
	skip: chromium.missing,
}, async (t) => {
	const folder = mkdtempSync(join(tmpdir(), "graft-compare-"));
	t.after(() => rmSync(folder, { recursive: true }));
	const browser = await openBrowser(chromium.path);
	t.after(() => browser.close());
	const { evaluate, press } = browser;
	const objective = { metric: "valid/accuracy", mode: "max" } as const;
	const comparison = compareTrials(
		{ sweepId: "s", name: "a <sweep>", objective, trials },
		43,
	);
	const file = join(folder, "compare.html");
	writeFileSync(file, comparisonPage(comparison));
	const url = pathToFileURL(file).href;
	await browser.open(url);

	await t.test("shows every axis, every point, and names as text", async () => {
		assert.equal(
			await evaluate("document.querySelector('h1').textContent"),
			"a <sweep>",
		);
		assert.equal(
			await evaluate("document.querySelectorAll('.chart').length"),
			2,
		);
		const points = comparison.points.length;
		assert.equal(
			await evaluate("document.querySelectorAll('.parallel .line').length"),
			points,
		);
		assert.equal(
			await evaluate(
				"document.querySelectorAll('tbody tr[data-point]').length",
			),
			points,
		);
		assert.equal(
			await evaluate("document.querySelectorAll('main b').length"),
			0,
		);
	});

	await t.test("the slider leaves the best in sight, by keyboard", async () => {
		await evaluate("document.getElementById('best').focus()");
		await press("Home");
		assert.equal(
			await evaluate(
				"document.querySelectorAll('.parallel .line:not(.faint)').length",
			),
			1,
		);
		assert.equal(
			await evaluate("document.getElementById('best-count').textContent"),
			"1",
		);
	});

	await t.test(
		"columns sort, rows are walked, and a row lights its line, by keyboard",
		async () => {
			await evaluate(
				"document.querySelector('.sortable button[data-column=\"1\"]').focus()",
			);
			await press("Enter");
			const scores = await evaluate(
				"[...document.querySelectorAll('tr[data-point] td:nth-child(2)')].map((cell) => Number(cell.textContent)).join()",
			);
			const numbers = String(scores).split(",").map(Number);
			assert.deepEqual(
				numbers,
				[...numbers].sort((a, b) => a - b),
			);
			await evaluate("document.querySelector('tr[data-point]').focus()");
			await press("ArrowDown");
			assert.equal(await evaluate("document.activeElement.rowIndex"), 2);
			assert.equal(
				await evaluate(
					"document.querySelector('.line.on').dataset.point === document.activeElement.dataset.point",
				),
				true,
			);
		},
	);

	await t.test("it keeps the contract of every page", (t) =>
		checkPage(t, browser, url),
	);

	await t.test("no complaint, and nothing leaves the page", () => {
		assert.deepEqual(browser.complaints, []);
		assert.deepEqual(
			browser.requests.filter(
				(request) => request !== url && !request.startsWith("data:"),
			),
			[],
		);
	});
});

/** A red dot as GIF. */
const DOT =
	"data:image/gif;base64,R0lGODlhAQABAIAAAP8AAP///ywAAAAAAQABAAACAkQBADs=";

/** 200 trials on four passes; one in forty failed, some do not say when they diverged. */
function largeSweep(t: TestContext): {
	readonly many: readonly TrialState[];
	readonly details: SweepDetails;
} {
	const many = Array.from({ length: 200 }, (_, index): TrialState => {
		const values = {
			transforms: ["<b>squash</b>", "crop", "pad", "views"][
				index % 4
			] as string,
			"train.learning_rate": 10 ** (-4 + (index % 25) / 6),
			"train.optimizer": index % 8 < 4 ? "sgd" : "adam",
			seed: index % 2,
		};
		const base = { trial: `t${index}`, index, runId: `run-${index}`, values };
		return index % 40 === 7
			? {
					...{ ...base, status: "FAILED", metrics: {} },
					error: {
						code: "loss-not-finite",
						message: "the loss is <i>no number</i>",
					},
				}
			: {
					...{ ...base, status: index % 50 === 9 ? "PENDING" : "FINISHED" },
					metrics:
						index % 50 === 9
							? {}
							: { "valid/accuracy": 0.5 + ((index * 37) % 200) / 450 },
				};
	});
	const tasks: Task[] = [0, 1, 2, 3].flatMap((pass): Task[] => {
		const own = many.filter(({ index }) => index % 4 === pass);
		const ids = own.map(({ trial }) => trial);
		const [head, ...rest] = ids;
		const after = [`extraction-${pass}`];
		return [
			{
				id: `extraction-${pass}`,
				kind: "extraction",
				trials: ids,
				after: [],
				seconds: 9,
			},
			{
				id: `stacked-${pass}`,
				kind: "stacked",
				trials: rest,
				after,
				seconds: 2,
			},
			{
				id: `single-${pass}`,
				kind: "single",
				trials: [head as string],
				after,
				seconds: 2,
			},
		];
	});
	const folder = temporaryFolder(t);
	const record = readRun(writeJournal(folder, "best", finishedEvents("best")));
	const epochs = new Map(
		many.map(({ trial, index, metrics }) => [
			trial,
			Array.from({ length: 12 }, (_, epoch) => ({
				epoch: epoch + 1,
				metrics: {
					"valid/accuracy":
						(metrics["valid/accuracy"] ?? 0.4) * (1 - 0.5 / (epoch + 1)),
					"valid/loss":
						index % 40 === 7 && epoch > 6
							? Number.NaN
							: 2 / (epoch + 1 + index / 50),
				},
			})),
		]),
	);
	return {
		many,
		details: {
			...{ description: "200 heads on four ways to see.", trials: many, tasks },
			yaml: "name: many\ntrain: { learning_rate: 0.1 }\nsweep:\n  seeds: 2\n",
			...{ seconds: 312, startTime: "2026-11-24T10:00:00.000Z", epochs },
			best: {
				...{
					record,
					predictions: PREDICTIONS,
					report: "trials/best/report.html",
					extras: {},
				},
				images: new Map(PREDICTIONS.map(({ path }) => [path, DOT])),
			},
			logs: new Map([["t7", "logs/stacked-3.log"]]),
		},
	};
}

test("the whole page of a sweep of 200 trials in Chromium", {
	skip: chromium.missing,
}, async (t) => {
	const folder = temporaryFolder(t);
	const browser = await openBrowser(chromium.path);
	t.after(() => browser.close());
	const { evaluate, press } = browser;
	const { many, details } = largeSweep(t);
	const objective = { metric: "valid/accuracy", mode: "max" } as const;
	const comparison = compareTrials(
		{ sweepId: "many-s", name: "many", objective, trials: many },
		43,
	);
	const page = comparisonPage(comparison, details);
	const file = join(folder, "compare.html");
	writeFileSync(file, page);
	const url = pathToFileURL(file).href;

	await t.test("it keeps the contract of every page", (t) =>
		checkPage(t, browser, url),
	);

	await t.test("the plan draws every trial on its pass", async () => {
		assert.equal(
			await evaluate("document.querySelectorAll('.zone.once').length"),
			4,
		);
		assert.equal(
			await evaluate("document.querySelectorAll('.square').length"),
			200,
		);
		assert.deepEqual(
			await evaluate(
				"[...document.querySelectorAll('.squares')].map((each) => each.getAttribute('aria-label'))",
			),
			[
				"50 trials: 50 finished",
				"50 trials: 48 finished",
				"50 trials: 50 finished",
				"50 trials: 43 finished, 5 failed",
			],
		);
		assert.match(
			await evaluate("document.querySelector('#plan + p').innerText"),
			/^200 trials: 4 passes over the photos, 196 heads stacked in 4 matrix products, 4 trials alone/,
		);
	});

	await t.test(
		"curves, failed trials with their reasons, the file, data and environment are there",
		async () => {
			assert.equal(
				await evaluate(
					"document.querySelectorAll('[aria-labelledby=curves] .line').length",
				),
				400,
			);
			assert.equal(
				await evaluate(
					"document.querySelectorAll('.failures tbody tr').length",
				),
				5,
			);
			assert.match(
				await evaluate(
					"document.querySelector('.failures tbody tr').innerText",
				),
				/run-7.*crop|run-7.*views.*loss-not-finite the loss is <i>no number<\/i>.*logs\/stacked-3\.log/s,
			);
			for (const id of ["asked", "data", "environment", "confusion"])
				assert.equal(
					await evaluate(`document.getElementById("${id}") !== null`),
					true,
					id,
				);
			assert.equal(
				await evaluate(
					"document.querySelector('a[href=\"trials/best/report.html\"]').textContent",
				),
				"Its own page",
			);
		},
	);

	await t.test(
		"a cell of the best trial's confusion opens its photos, by keyboard",
		async () => {
			await evaluate("document.querySelector('[data-cell=\"0,2\"]').focus()");
			await press("Enter");
			assert.equal(
				await evaluate("document.querySelector('dialog[open] h2').innerText"),
				"1 photo of bird taken for fruit",
			);
			await press("Escape");
		},
	);

	await t.test("a row lights its lines and squares", async () => {
		await evaluate("document.querySelector('tr[data-point]').focus()");
		assert.deepEqual(
			await evaluate(
				"['.square.on', '[aria-labelledby=curves] .line.on', '.parallel .line.on'].map((each) => document.querySelectorAll(each).length > 0)",
			),
			[true, true, true],
		);
	});

	await t.test("the same sweep gives the same page", () => {
		assert.equal(comparisonPage(comparison, details), page);
		if (process.env.GRAFT_SCREENS === undefined) return;
		return browser
			.open(url)
			.then(() =>
				takeScreens(browser, process.env.GRAFT_SCREENS as string, "sweep"),
			);
	});
});
