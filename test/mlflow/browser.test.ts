import assert from "node:assert/strict";
import test from "node:test";
import { openBrowser } from "../runs/devtools.ts";
import { temporaryFolder } from "../runs/example-run.ts";
import { needs } from "../support/needs.ts";
import { exhibit } from "./screens/exhibition.ts";
import { openPage, resize, waitFor } from "./screens/look.ts";

/** What a person sees who follows the links of `graft mlflow`, in MLflow's own pages. */

const mlflow = needs("mlflow");
const chromium = needs("chromium");

test("the links of graft mlflow show runs, charts, the note, the report and the comparison", {
	skip: mlflow.missing ?? chromium.missing ?? false,
}, async (context) => {
	const folder = temporaryFolder(context);
	const { charts, compare, stop } = await exhibit(folder, mlflow.path, false);
	context.after(stop);
	const browser = await openBrowser(chromium.path);
	context.after(browser.close);
	await resize(browser, 1600, 4000);
	const [runsUrl, compareUrl] = [charts[0] as string, compare[0] as string];
	const query = new URLSearchParams(compareUrl.split("?")[1]);
	const runs = JSON.parse(query.get("runs") as string) as string[];
	const runUrl = (id: string | undefined, tab = "") =>
		`${runsUrl.split("/runs?")[0]}/runs/${id}${tab}?workflowType=machine_learning`;

	await context.test(
		"charts: both runs by name, train and valid apart",
		async () => {
			const text = await openPage(browser, runsUrl, [
				"2 matching runs",
				"Sort: valid/accuracy",
				/tuxpaint-[0-9a-f]{8}[\s\S]*tuxpaint-[0-9a-f]{8}/,
				/^train$[\s\S]*^train\/accuracy$[\s\S]*^train\/loss$/m,
				/^valid$/m,
			]);
			assert.match(text, /^Model training$/m);
		},
	);

	await context.test(
		"comparison: the value that differs, and both accuracies",
		async () => {
			const text = await openPage(browser, compareUrl, [
				"Comparing 2 Runs from 1 Experiment",
				"Run details",
				/^train\.learning_rate\t0\.(1\t0\.01|01\t0\.1)$/m,
			]);
			assert.match(text, /^valid\/accuracy$/m);
			for (const run of runs)
				assert.ok(text.split("\n").includes(await accuracyOf(run)));
		},
	);

	await context.test(
		"a run: its note, its metrics and params in their order, its commit",
		async () => {
			const text = await openPage(browser, runUrl(runs[0]), [
				"Which learning rate for drawn photos?",
				"Logged models (1)",
				/^Parameters \(\d+\)$/m,
				/^valid\/accuracy\s+0\.\d+/m,
			]);
			assert.match(
				text,
				/metric\s+last value\s+valid\/accuracy\s+0\.\d+\s+valid\/loss/,
			);
			assert.match(
				text,
				/model\.backbone\s+efficientnet_lite0\s+model\.freeze\s+all/,
			);
			assert.match(text, /Status\s+Finished/);
			assert.match(text, /Source\s+tuxpaint\.yaml/);
			assert.match(text, /tuxpaint-photos\/train/);
		},
	);

	await context.test("its image series, each photo with its step", async () => {
		const url = runUrl(runs[0], "/model-metrics");
		await openPage(browser, url, ["train/transforms", "valid/most_wrong"]);
		const loaded =
			"[...document.images].filter((one) => one.src.includes('get-artifact') && one.naturalWidth > 0).length";
		for (let attempt = 0; attempt < 100; attempt++) {
			if ((await browser.evaluate(loaded)) > 0) return;
			await new Promise((resolve) => setTimeout(resolve, 200));
		}
		assert.fail("no image of the series was drawn");
	});

	await context.test(
		"its report opens, and its predictions are a table",
		async () => {
			await openPage(browser, runUrl(runs[0], "/artifacts/report.html"), [
				"Path: mlflow-artifacts:",
			]);
			const report = await waitForReport();
			assert.match(report, /valid accuracy/);
			const table = runUrl(runs[0], "/artifacts/predictions.json");
			await openPage(browser, table, ["View as table", "confidence"]);
			await waitFor(browser, [/valid\/\w+\/[\w.-]+/]);
		},
	);

	/** As the page rounds it. */
	async function accuracyOf(id: string): Promise<string> {
		const root = runsUrl.split("/#")[0];
		const answer = await fetch(`${root}/api/2.0/mlflow/runs/get?run_id=${id}`);
		const { run } = (await answer.json()) as {
			run: { data: { metrics: { key: string; value: number }[] } };
		};
		const { value = 0 } =
			run.data.metrics.find(({ key }) => key === "valid/accuracy") ?? {};
		return String(Number(value.toPrecision(3)));
	}

	/** The page that MLflow shows in a frame. */
	async function waitForReport(): Promise<string> {
		const source =
			"(async () => { const frame = document.querySelector('iframe'); const src = frame?.srcdoc || (frame?.src && await (await fetch(frame.src)).text()); return src ?? ''; })()";
		for (let attempt = 0; attempt < 100; attempt++) {
			const text: string = await browser.evaluate(source);
			if (text.includes("valid accuracy")) return text;
			await new Promise((resolve) => setTimeout(resolve, 200));
		}
		return "";
	}
});
