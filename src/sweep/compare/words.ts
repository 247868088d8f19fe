import { short } from "../../experiment/sweep/gather.ts";
import type { Json } from "../../fingerprint.ts";
import type { Interval, PairedLevels } from "./types.ts";

/** Numbers and values of a comparison as people read them, in tables and on the page alike. */

/** A swept value: texts as they are, all else as JSON; `–` where the point lacks the axis. */
export function valueText(value: Json | undefined): string {
	if (value === undefined) return "–";
	return typeof value === "string" ? value : JSON.stringify(value);
}

/** A swept value for the eye: `0.002154`; `Resize 256, CenterCrop 224` for a list of transforms; else YAML on one line. */
export function shortValue(value: Json | undefined): string {
	if (typeof value === "number" && !Number.isInteger(value))
		return String(Number(value.toPrecision(4)));
	if (Array.isArray(value)) return listText(value);
	return typeof value === "object" && value !== null
		? short(value, 90)
		: valueText(value);
}

/** Every list ends in them, so that they tell nothing apart. */
const ENDS: readonly Json[] = ["ToTensor", "Normalize"];

function listText(list: readonly Json[]): string {
	const telling = list.filter((item) => !ENDS.includes(item));
	const words = (telling.length > 0 ? telling : list).map(itemText);
	return words.includes(undefined) ? short([...list], 90) : words.join(", ");
}

/** A name, or a name with its parameters; undefined for anything else. */
function itemText(item: Json): string | undefined {
	if (typeof item === "string") return item;
	if (typeof item !== "object" || item === null || Array.isArray(item))
		return undefined;
	const [entry, ...others] = Object.entries(item);
	if (entry === undefined || others.length > 0) return undefined;
	const [name, params] = entry;
	if (typeof params !== "object" || params === null) return `${name} ${params}`;
	const values = Object.entries(params).map(([key, value]) => {
		const text = Array.isArray(value) ? value.join("×") : String(value);
		return key === "size" ? text : `${key} ${text}`;
	});
	return [name, ...values].join(" ");
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
