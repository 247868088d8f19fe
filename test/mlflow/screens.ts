import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openBrowser } from "../runs/devtools.ts";
import { needs } from "../support/needs.ts";
import { exhibit } from "./screens/exhibition.ts";
import { openPage, resize, shoot } from "./screens/look.ts";

/**
 * What MLflow's pages look like with Graft's runs in them, for people to look at:
 *
 *   npx tsx test/mlflow/screens.ts FOLDER
 *
 * needs MLflow (GRAFT_TEST_MLFLOW) and Chromium; trains two runs and a sweep, which takes a minute.
 */
const folder = process.argv[2];
const [mlflow, chromium] = [needs("mlflow"), needs("chromium")];
const missing = mlflow.missing ?? chromium.missing;
if (folder === undefined || missing !== undefined) {
	console.error(missing ?? "screens: name a folder for the pictures");
	process.exit(2);
}
mkdirSync(folder, { recursive: true });

const work = mkdtempSync(join(tmpdir(), "graft-screens-"));
try {
	const { charts, compare, printed, stop } = await exhibit(
		work,
		mlflow.path,
		true,
	);
	console.log(printed);
	const browser = await openBrowser(chromium.path);
	try {
		await resize(browser, 1600, 1000);
		const runs = JSON.parse(
			new URLSearchParams(compare[0]?.split("?")[1]).get("runs") as string,
		) as string[];
		const run = `${charts[0]?.split("/runs?")[0]}/runs/${runs[0]}`;
		const training = "?workflowType=machine_learning";
		const pages: readonly (readonly [string, string | undefined, string])[] = [
			["runs-charts", charts[0], "matching runs"],
			[
				"runs-table",
				charts[0]?.replace("compareRunsMode=CHART&", ""),
				"Duration",
			],
			["runs-compare", compare[0], "Run details"],
			["sweep-charts", charts.at(-1), "matching runs"],
			["sweep-compare", compare.at(-1), "Run details"],
			["run", `${run}${training}`, "About this run"],
			["run-metrics", `${run}/model-metrics${training}`, "train/transforms"],
			["run-report", `${run}/artifacts/report.html${training}`, "report.html"],
			[
				"run-table",
				`${run}/artifacts/predictions.json${training}`,
				"confidence",
			],
		];
		for (const [name, url, wanted] of pages) {
			await openPage(browser, url as string, [wanted]).catch((error: Error) =>
				console.error(`${name}: ${error.message}`),
			);
			// Charts draw themselves after their names are there.
			await sleep(4000);
			await shoot(browser, folder, name);
			console.log(join(folder, `${name}.png`));
		}
	} finally {
		await browser.close();
		await stop();
	}
} finally {
	rmSync(work, { recursive: true, force: true });
}
