/**
 * The accuracy gate: did a change lower the accuracy, or is it noise? Plain data.
 *
 *   baseline file (in git) ┐
 *                          ├─ pair by photo ─ judge ─ Verdict ─ table, Markdown, JUnit, annotations
 *   runs of today's code   ┘
 */

/** What several seeds of one experiment gave on the valid photos. */
export interface GateResults {
	readonly classNames: readonly string[];
	readonly dataFingerprint: string;
	readonly weightsSha256: string;
	/** At least one; metrics are the last values of each key. */
	readonly seeds: readonly SeedResult[];
	/** Dataset order. */
	readonly photos: readonly PhotoResult[];
}

/** One run. */
export interface SeedResult {
	readonly seed: number;
	/** Of the plan. */
	readonly fingerprint: string;
	readonly metrics: Readonly<Record<string, number>>;
}

/** One valid photo under every seed. */
export interface PhotoResult {
	/** First 16 hex digits of its content's sha256. */
	readonly id: string;
	readonly path: string;
	/** Class name. */
	readonly label: string;
	/** One character a seed, in the order of `seeds`: "1" right, "0" wrong. */
	readonly right: string;
}

/** The file that is committed. */
export interface Baseline extends GateResults {
	readonly version: 1;
	readonly experiment: string;
	readonly graft: string;
	readonly created: string;
	/** Why it is as it is; the newest last. */
	readonly history: readonly {
		readonly when: string;
		readonly reason: string;
		/** Mean valid accuracy over the seeds, 0 … 1. */
		readonly accuracy: number;
	}[];
}

/** What was compared, and whether it holds. */
export interface Check {
	/** `valid/accuracy`, `floor valid/accuracy`, `floor cat`, `photos`. */
	readonly name: string;
	readonly baseline: number | undefined;
	readonly current: number | undefined;
	/** Least value (or, of the paired test, the largest drop) that passes. */
	readonly allowed: number | undefined;
	/** One-sided: the chance of such a drop by noise alone; undefined where nothing random is tested. */
	readonly pValue: number | undefined;
	readonly status: "pass" | "fail" | "note";
	/** One sentence. */
	readonly says: string;
}

/** What the gate decides. */
export interface Verdict {
	readonly status: "pass" | "fail";
	readonly checks: readonly Check[];
	/** Photos most seeds of the baseline had right and most seeds now have wrong, by path; and the reverse. */
	readonly flipped: readonly Flip[];
	readonly mended: readonly Flip[];
}

/** A photo that changed sides. */
export interface Flip {
	readonly path: string;
	readonly label: string;
	/** Share of seeds that had it right, 0 … 1. */
	readonly before: number;
	readonly after: number;
}
