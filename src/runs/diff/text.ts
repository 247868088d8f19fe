import { inline } from "../../experiment/yaml/inline.ts";
import type { Json } from "../../fingerprint.ts";
import { paint, printable, table } from "../../text.ts";
import { lossText, percent } from "../format-values.ts";
import type { ChangedPhoto, Difference, MetricDiff, RunDiff } from "./diff.ts";

/** Photos of a list that are printed. */
const MOST_PHOTOS = 10;

/** `graft diff A B` for people: what differs, the most telling first. */
export function diffText(
	diff: RunDiff,
	options: { readonly color: boolean },
): string {
	const blocks: readonly (readonly [string, readonly string[]])[] = [
		["metrics", metricLines(diff.metrics)],
		["photos", photoLines(diff)],
		["experiment", lines(diff.config, (value) => inline(value as Json))],
		["data and weights", lines(diff.data, String)],
		["environment", lines(diff.environment, String)],
	];
	const printed = blocks.map(
		([title, text]) =>
			`${paint(title, "bold", options.color)}\n${(text.length === 0 ? ["the same"] : text).map((line) => `  ${line}\n`).join("")}`,
	);
	return `a  ${diff.a}\nb  ${diff.b}\n\n${printed.join("\n")}`;
}

function metricLines(metrics: readonly MetricDiff[]): readonly string[] {
	return table(
		metrics.map(({ key, a, b }) => {
			const isShare = /accuracy|f1|map|recall|precision/i.test(key);
			const text = (value: number) =>
				isShare ? percent(value) : lossText(value);
			const by = b - a;
			const change = isShare ? `${(by * 100).toFixed(2)} points` : lossText(by);
			return [
				key,
				text(a),
				text(b),
				by === 0 ? "" : `${by > 0 ? "+" : ""}${change}`,
			];
		}),
		["left", "right", "right", "right"],
	);
}

function photoLines({ photos }: RunDiff): readonly string[] {
	if (photos === undefined)
		return ["no photo was measured by both, with one label"];
	const { common, won, lost, onlyA, onlyB, pValue } = photos;
	const others = [
		...(onlyA > 0 ? [`${onlyA} only in a`] : []),
		...(onlyB > 0 ? [`${onlyB} only in b`] : []),
	];
	return [
		`${common} in common${others.length > 0 ? `, ${others.join(", ")}` : ""}: b has ${won.length} right that a has wrong, and ${lost.length} wrong that a has right (McNemar p ${pValue.toFixed(3)})`,
		...photoTable("b right", won),
		...photoTable("b wrong", lost),
	];
}

function photoTable(
	title: string,
	photos: readonly ChangedPhoto[],
): readonly string[] {
	const shown = table(
		photos
			.slice(0, MOST_PHOTOS)
			.map(({ path, label, a, b, shareA, shareB }) => [
				title,
				printable(path),
				printable(label),
				`${printable(a)} → ${printable(b)}`,
				`${percent(shareA, 1)} → ${percent(shareB, 1)}`,
			]),
		["left", "left", "left", "left", "right"],
	);
	const left = photos.length - MOST_PHOTOS;
	return left > 0 ? [...shown, `… and ${left} more`] : shown;
}

function lines<T>(
	found: readonly Difference<T>[],
	text: (value: T) => string,
): readonly string[] {
	const cell = (value: T | undefined) =>
		value === undefined ? "–" : printable(text(value));
	return table(
		found.map(({ key, a, b }) => [key, cell(a), "→", cell(b)]),
		["left", "left", "left", "left"],
	);
}
