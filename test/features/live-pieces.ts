import type { Sample } from "../../src/data/types.ts";
import type { Transform } from "../../src/experiment/types.ts";
import {
	type ExtractorOptions,
	type OpenPrefix,
	openExtractor,
} from "../../src/features/extract.ts";
import { type LiveRows, openLiveRows } from "../../src/features/live-rows.ts";
import { pixelsOnly, TO_TENSOR } from "./pieces.ts";

/** Crops, flips and colours of `side` x `side`. */
export const drawn = (side: number): readonly Transform[] => [
	{
		name: "RandomResizedCrop",
		params: {
			...{ size: [side, side], scale: [0.08, 1], ratio: [0.75, 4 / 3] },
			...{ interpolation: "bilinear", antialias: true },
		},
	},
	{ name: "RandomHorizontalFlip", params: { p: 0.5 } },
	TO_TENSOR,
];

/** Photos drawn anew each epoch, without a network: rows of [3, side, side]. */
export function drawnPixels(root: string, side = 6): ExtractorOptions {
	return { ...pixelsOnly(root, side), transforms: drawn(side), seed: 3 };
}

/** Live rows of three classes in turn, and what is under them. */
export interface OpenLive {
	readonly live: LiveRows;
	readonly prefix: OpenPrefix;
	readonly close: () => Promise<void>;
}

export async function openLive(
	samples: readonly Sample[],
	options: ExtractorOptions,
	signal?: AbortSignal,
): Promise<OpenLive> {
	const extractor = openExtractor(options);
	const run = { onCorrupt: "fail" } as const;
	const prefix = await extractor.open(samples.length, run);
	const live = openLiveRows({
		...{ root: options.root, samples, prefix },
		...{ shape: options.featureShape, inputShape: options.inputShape },
		labels: Int32Array.from(samples, (_, row) => row % 3),
		corrupt: async (met) => met,
		...(signal && { signal }),
	});
	return { live, prefix, close: extractor.close };
}

/** The same rows, and what is held of them. */
export interface Watched {
	readonly live: LiveRows;
	/** Photos asked for so far; batches not released, now and at most; pieces of memory that batches lay in. */
	readonly seen: {
		photos: number;
		held: number;
		most: number;
		readonly memory: Set<ArrayBufferLike>;
	};
}

export function watch(live: LiveRows): Watched {
	const memory = new Set<ArrayBufferLike>();
	const seen = { photos: 0, held: 0, most: 0, memory };
	return {
		seen,
		live: {
			...live,
			ask(epoch, rows) {
				seen.photos += rows.length;
				seen.held++;
				seen.most = Math.max(seen.most, seen.held);
				const asked = live.ask(epoch, rows);
				return {
					async take() {
						const features = await asked.take();
						memory.add(features.buffer);
						return features;
					},
					release() {
						seen.held--;
						asked.release();
					},
				};
			},
		},
	};
}
