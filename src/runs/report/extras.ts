import type { Json } from "../../fingerprint.ts";

/**
 * What a page of a run may show beyond what lies in the run's folder, each optional: costly to find, so that only
 * `graft report RUN` brings it, not the page written at the end of a run.
 */
export interface ReportExtras {
	/**
	 * Photo path of the predictions → data URI of a transparent PNG: where the network looked for the class it said,
	 * of the size and shape of the network's view.
	 */
	readonly heat?: ReadonlyMap<string, string>;
	/** Photo path → which part of the photo the view is; absent: all of it. */
	readonly views?: ReadonlyMap<string, PhotoView>;
	/** What the map is, one sentence: method and layer ("Grad-CAM at conv_head"). */
	readonly heatMethod?: string;
	/** Why there are no heat maps: the rest of a sentence. */
	readonly noHeat?: string;
	/** Lines of `graft data`. */
	readonly checks?: readonly string[];
	/** Why this strategy: of a run whose journal does not keep it. */
	readonly strategy?: StrategyNote;
}

/** A part of a photo after its orientation: shares 0 … 1 of its width and height; outside where the view was padded. */
export interface PhotoView {
	readonly left: number;
	readonly top: number;
	readonly width: number;
	readonly height: number;
}

/** A decided strategy. */
export interface StrategyNote {
	readonly strategy: string;
	/** What it set, as `--set` would: "model.features.depth=0.6". */
	readonly sets?: readonly string[];
	/** Sentences with numbers. */
	readonly reasons: readonly string[];
	readonly measures?: Json;
}
