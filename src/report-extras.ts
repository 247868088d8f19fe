import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AskOptions } from "./ask.ts";
import { checkData } from "./check-data.ts";
import { findingsText } from "./checks/text.ts";
import { heatPng } from "./data/preview/heat.ts";
import { RunError } from "./diagnostic.ts";
import { type Explainer, openExplainer } from "./explain.ts";
import { progressMeter } from "./features/rate.ts";
import { readPredictions } from "./runs/predictions.ts";
import type { PhotoView, ReportExtras } from "./runs/report/extras.ts";
import { onPage } from "./runs/report/photos.ts";
import type { Prediction, RunRecord } from "./runs/types.ts";
import { openAlone, prepareAgain } from "./trained.ts";

/** What only `graft report` brings to a run's page: none of it ever stands in the way of the page. */

/** The heat maps of the photos that a page shows, or why there are none. */
export type HeatExtras = Pick<
	ReportExtras,
	"heat" | "views" | "heatMethod" | "noHeat"
>;

/**
 * Heat of the class that the run said, of the most wrong and the least sure valid photos, of which a page shows 36 at
 * most. Photos that are gone or changed are left out.
 */
export async function heatExtras(
	record: RunRecord,
	options: AskOptions,
): Promise<HeatExtras> {
	if (record.status !== "FINISHED")
		return { noHeat: `the run is ${record.status}: it left no network` };
	const root = record.data?.root ?? "";
	const shown = onPage(readPredictions(record.folder));
	if (shown.length === 0) return {};
	const there = shown.filter(({ path }) => existsSync(join(root, path)));
	if (there.length === 0)
		return { noHeat: `none of the photos is in ${root} any more` };
	try {
		// A page is not worth a download.
		const opened = await openAlone(record.folder, { ...options, fetch: false });
		if (!opened.ok)
			return { noHeat: opened.diagnostics[0]?.message ?? "unknown" };
		const explainer = await openExplainer(opened.value);
		if (typeof explainer === "string") return { noHeat: explainer };
		try {
			return await heatOf(explainer, root, there, options);
		} finally {
			await explainer.close();
		}
	} catch (error) {
		if (!(error instanceof RunError)) throw error;
		return { noHeat: error.message };
	}
}

async function heatOf(
	explainer: Explainer,
	root: string,
	photos: readonly Prediction[],
	{ onProgress, signal }: AskOptions,
): Promise<HeatExtras> {
	const heat = new Map<string, string>();
	const views = new Map<string, PhotoView>();
	const meter = progressMeter(photos.length, onProgress);
	let reason = "";
	for (const { path, predicted: of, sha256 } of photos) {
		signal?.throwIfAborted();
		try {
			const wish = { of, sha256 };
			const said = await explainer.explain(join(root, path), wish);
			const png = Buffer.from(await heatPng(said.heat, said.seen));
			heat.set(path, `data:image/png;base64,${png.toString("base64")}`);
			if (said.view !== undefined) views.set(path, said.view);
		} catch (error) {
			if (!(error instanceof RunError && error.code === "photo-unexplained"))
				throw error;
			reason = error.message;
		}
		meter.add(1);
		// onnxruntime computes on this thread: signals and the progress line are served in between.
		await new Promise((resolve) => setImmediate(resolve));
	}
	return heat.size === 0
		? { noHeat: reason }
		: { heat, views, heatMethod: explainer.method };
}

/** Above as many photos or classes a check takes minutes, and is for `graft data check`. */
const CHEAP_PHOTOS = 1000;
const CHEAP_CLASSES = 20;

/**
 * What `graft data check` says of the run's photos, lines of text, where that is cheap: few enough photos whose features
 * the run has left in the cache. The test photos stay shut.
 */
export async function checkExtras(
	record: RunRecord,
	options: AskOptions,
): Promise<Pick<ReportExtras, "checks">> {
	const { classNames, photos } = record.data ?? {};
	// With several labels a photo there is no check.
	if (record.status !== "FINISHED" || photos !== undefined) return {};
	if ((classNames?.length ?? 0) > CHEAP_CLASSES) return {};
	try {
		const prepared = await prepareAgain(record, options.cacheFolder);
		if (!prepared.ok || prepared.value.dataset === undefined) return {};
		const { plan, dataset } = prepared.value;
		const samples = dataset.samples.filter(({ split }) => split !== "test");
		const isCached =
			plan.eval.featureKey !== undefined &&
			plan.eval.featureKey === plan.train.featureKey;
		if (!isCached || samples.length > CHEAP_PHOTOS) return {};
		const findings = await checkData(
			{ ...prepared.value, dataset: { ...dataset, samples } },
			{
				cacheFolder: options.cacheFolder,
				onProgress: () => undefined,
				onWarning: options.onWarning ?? (() => undefined),
				onStep: () => undefined,
			},
		);
		const text = findingsText(findings, dataset.classNames, { color: false });
		return { checks: text.trimEnd().split("\n") };
	} catch (error) {
		if (!(error instanceof RunError)) throw error;
		options.onWarning?.(error.code, error.message);
		return {};
	}
}
