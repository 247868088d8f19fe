import type { Json } from "../../fingerprint.ts";
import type { Interval, PairedLevels } from "./types.ts";

/** Numbers and values of a comparison as people read them, in tables and on the page alike. */

/** A swept value: texts as they are, all else as JSON; `–` where the point lacks the axis. */
export function valueText(value: Json | undefined): string {
	if (value === undefined) return "–";
	return typeof value === "string" ? value : JSON.stringify(value);
}

/** `0.9535`; accuracies and losses alike. */
export function scoreText(score: number | undefined): string {
	if (score === undefined) return "–";
	return Number.isFinite(score) ? score.toFixed(4) : String(score);
}

/** `0.9012 … 0.9711`. */
export function intervalText(interval: Interval | undefined): string {
	return interval === undefined
		? ""
		: `${scoreText(interval.low)} … ${scoreText(interval.high)}`;
}

/** `0.031`, `< 0.0001`. */
export function chanceText(p: number | undefined): string {
	if (p === undefined) return "–";
	return p < 1e-4 ? "< 0.0001" : String(Number(p.toPrecision(2)));
}

/** `+0.0721 (0.0513 … 0.0929), 30 pairs, p < 0.0001`. */
export function pairText(pair: PairedLevels): string {
	const { difference, low, high, pairs, pValue } = pair;
	const signed = `${difference < 0 ? "-" : "+"}${scoreText(Math.abs(difference))}`;
	const interval =
		low === undefined || high === undefined
			? ""
			: ` (95 % ${scoreText(low)} … ${scoreText(high)})`;
	const p = chanceText(pValue);
	const chance =
		pValue === undefined ? "" : `, p ${p.startsWith("<") ? p : `= ${p}`}`;
	return `${signed}${interval}, ${pairs} ${pairs === 1 ? "pair" : "pairs"}${chance}`;
}
