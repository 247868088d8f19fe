import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { DEFAULT_RATES, type Rates } from "../plan/cost.ts";
import { writeWhole } from "../write-whole.ts";

/** How fast this machine was before: a small file in the cache folder that makes a plan's times honest. */

interface StoredRates {
	readonly secondsPerPhoto: number;
	readonly flopsPerCore: number;
}

/** The rates of earlier extractions, else the defaults. */
export function readRates(cacheFolder: string): Rates {
	const cores = availableParallelism();
	try {
		const stored = JSON.parse(
			readFileSync(fileOf(cacheFolder), "utf8"),
		) as StoredRates;
		if (stored.secondsPerPhoto > 0 && stored.flopsPerCore > 0) {
			return {
				secondsPerPhoto: stored.secondsPerPhoto,
				flopsPerCore: stored.flopsPerCore,
				cores,
				measured: true,
			};
		}
	} catch {
		// No file yet, or a damaged one: the defaults are good enough, and the next extraction writes it anew.
	}
	return { ...DEFAULT_RATES, cores, measured: false };
}

/**
 * Remembers what an extraction reached: `photos` in `seconds` of wall time on all cores, with `flops` a photo.
 * The share of decoding is taken as it was, so one equation gives the other rate. Small extractions say too little.
 */
export function rememberRates(
	cacheFolder: string,
	photos: number,
	seconds: number,
	flops: number,
): void {
	if (photos < 64 || seconds <= 0) return;
	const { secondsPerPhoto, cores } = readRates(cacheFolder);
	const cpuSeconds = (seconds * cores) / photos;
	const rates: StoredRates =
		flops > 0 && cpuSeconds > 1.5 * secondsPerPhoto
			? {
					secondsPerPhoto,
					flopsPerCore: flops / (cpuSeconds - secondsPerPhoto),
				}
			: {
					secondsPerPhoto: cpuSeconds / 2,
					flopsPerCore:
						flops > 0 ? (2 * flops) / cpuSeconds : DEFAULT_RATES.flopsPerCore,
				};
	try {
		writeWhole(fileOf(cacheFolder), JSON.stringify(rates));
	} catch {
		// A cache that cannot be written is reported where rows are written; an estimate is not worth a second word.
	}
}

function fileOf(cacheFolder: string): string {
	return join(cacheFolder, "rates.json");
}
