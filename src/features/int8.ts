import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../diagnostic.ts";
import { fold } from "../model/quantize/fold.ts";
import { quantizationPoints } from "../model/quantize/points.ts";
import { quantize } from "../model/quantize/quantize.ts";
import { chooseRange, type Ranges } from "../model/quantize/ranges.ts";
import type { Graph, Weights } from "../model/types.ts";
import type { Int8Plan } from "../plan/types.ts";
import { writeWhole } from "../write-whole.ts";
import { observe } from "./calibrate.ts";

/**
 * A float32 prefix made one on bytes.
 *
 *   weights ─ BatchNormalization folded ─┬─ ranges in the cache? ──────────────┬─ quantized network
 *                                        └─ calibration photos ─ activations ──┘
 */
export interface Int8Source {
	/** From the photos to the cut, in float32. */
	readonly graph: Graph;
	readonly weights: Weights;
	readonly inputShape: readonly number[];
	readonly plan: Int8Plan;
	/** Where ranges are kept: `<cache>/ranges/<key>.json`; undefined: nowhere. */
	readonly cacheFolder?: string;
	/** The calibration photos after their transforms, float32 [n, …inputShape]. Asked for only if ranges are not kept yet. */
	readonly pixels: () => Promise<Float32Array>;
	readonly threads: number;
	readonly signal?: AbortSignal;
}

/** @throws RunError "nothing-to-calibrate" without a photo, and as `observe` and `pixels`. */
export async function int8Network(
	source: Int8Source,
): Promise<{ readonly graph: Graph; readonly weights: Weights }> {
	const { graph, weights } = source;
	const folded = fold({ graph, weights });
	const wanted = new Set(quantizationPoints(folded.graph).tensors.values());
	const kept = readRanges(source);
	const isWhole = kept && [...wanted].every((name) => kept.has(name));
	const ranges = isWhole ? kept : await calibrated(source, folded);
	return quantize(folded, ranges);
}

async function calibrated(
	source: Int8Source,
	folded: { readonly graph: Graph; readonly weights: Weights },
): Promise<Ranges> {
	const { plan, inputShape, threads, signal } = source;
	const photos = await source.pixels();
	if (photos.length === 0)
		throw new RunError(
			"nothing-to-calibrate",
			"int8 needs training photos to calibrate on, and none of them can be read",
			{ fix: "write precision: float32" },
		);
	const seen = await observe(folded, {
		...{ photos, inputShape, threads, histograms: plan.range !== "minmax" },
		...(signal && { signal }),
	});
	const ranges = new Map(
		[...seen].map(([name, histogram]) => [
			name,
			chooseRange(histogram, plan.range),
		]),
	);
	writeRanges(source, ranges);
	return ranges;
}

function fileOf({ cacheFolder, plan }: Int8Source): string | undefined {
	return cacheFolder && join(cacheFolder, "ranges", `${plan.key}.json`);
}

/** What was kept; undefined where there is nothing, or nothing that can be read. */
function readRanges(source: Int8Source): Ranges | undefined {
	const file = fileOf(source);
	if (file === undefined) return undefined;
	try {
		const { ranges } = JSON.parse(readFileSync(file, "utf8")) as {
			readonly ranges: Readonly<Record<string, readonly [number, number]>>;
		};
		return new Map(
			Object.entries(ranges).map(([name, [min, max]]) => [name, { min, max }]),
		);
	} catch {
		return undefined;
	}
}

function writeRanges(source: Int8Source, ranges: Ranges): void {
	const file = fileOf(source);
	if (file === undefined) return;
	const { plan } = source;
	const content = {
		format: "graft ranges 1",
		madeOf: plan.source,
		ranges: Object.fromEntries(
			[...ranges].map(([name, { min, max }]) => [name, [min, max]]),
		),
	};
	try {
		writeWhole(file, `${JSON.stringify(content, null, "\t")}\n`);
	} catch {
		// The next run calibrates again; a cache that cannot be written is reported where rows are.
	}
}
