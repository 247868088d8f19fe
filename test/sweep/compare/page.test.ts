import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { compareTrials } from "../../../src/sweep/compare/compare.ts";
import { comparisonPage } from "../../../src/sweep/compare/page/page.ts";
import type { TrialState } from "../../../src/sweep/types.ts";
import { openBrowser } from "../../runs/devtools.ts";
import { needs } from "../../support/needs.ts";

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
			await evaluate("document.querySelectorAll('.line').length"),
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
			await evaluate("document.querySelectorAll('.line:not(.faint)').length"),
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
