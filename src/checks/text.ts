import { count, paint, printable } from "../text.ts";
import type { DataFindings } from "./types.ts";

/** Findings for the terminal: what matters first, each with what to do. */

/** Photos listed a block; the rest is counted. */
const LISTED = 10;

interface TextOptions {
	readonly color: boolean;
}

/** @param classNames by label. */
export function findingsText(
	findings: DataFindings,
	classNames: readonly string[],
	{ color }: TextOptions,
): string {
	const blocks = [
		block(
			"unreadable",
			corruptLines(findings),
			"replace them, or write data.on_corrupt: skip",
		),
		block(
			"same picture in several splits",
			duplicateLines(findings, classNames, (group) => group.crossesSplits),
			"keep each in one split: accuracy is measured on photos that were trained on (data.split with group_by keeps groups together)",
		),
		block(
			"same picture in several classes",
			duplicateLines(
				findings,
				classNames,
				(group) => group.crossesClasses && !group.crossesSplits,
			),
			"one of the labels is wrong",
		),
		block(
			"labels to look at",
			labelLines(findings, classNames),
			"look at them, most suspicious first; correct the wrong ones",
		),
		block(
			"same picture within a split",
			duplicateLines(
				findings,
				classNames,
				(group) => !group.crossesClasses && !group.crossesSplits,
			),
			"harmless, but they count twice",
		),
		block(
			"unlike all others",
			outlierLines(findings),
			"see whether they belong here",
		),
		...balanceBlock(findings),
		...curveBlock(findings),
	].filter((lines) => lines.length > 0);
	const head = `${count(findings.photos, "photo")}, ${count(classNames.length, "class", "classes")}`;
	if (blocks.length === 0) return `${head}: nothing odd was found\n`;
	return [
		`${head}\n`,
		...blocks.map(([title = "", ...lines]) =>
			[paint(title, "bold", color), ...lines.map((line) => `  ${line}`)]
				.join("\n")
				.concat("\n"),
		),
	].join("\n");
}

function block(
	title: string,
	lines: readonly string[],
	fix: string,
): readonly string[] {
	if (lines.length === 0) return [];
	const rest =
		lines.length > LISTED
			? [`and ${lines.length - LISTED} more; --format json has all`]
			: [];
	return [
		`${title}: ${lines.length}`,
		...lines.slice(0, LISTED).map(printable),
		...rest,
		`fix: ${fix}`,
	];
}

function corruptLines({ corrupt }: DataFindings): readonly string[] {
	return corrupt.map(({ path, reason }) => `${path}: ${reason}`);
}

function duplicateLines(
	{ duplicates }: DataFindings,
	classNames: readonly string[],
	wanted: (group: DataFindings["duplicates"][number]) => boolean,
): readonly string[] {
	return duplicates
		.filter(wanted)
		.map(({ kind, samples, similarity, crossesClasses }) => {
			const names = samples.map(({ path, label }) =>
				crossesClasses ? `${path} (${classNames[label]})` : path,
			);
			const how =
				kind === "exact"
					? "equal files"
					: `alike to ${(100 * similarity).toFixed(0)} %`;
			return `${names.join(" = ")}  (${how})`;
		});
}

function labelLines(
	{ labelErrors }: DataFindings,
	classNames: readonly string[],
): readonly string[] {
	return labelErrors.map(
		({ sample, suggested, ownProbability, suggestedProbability }) =>
			`${sample.path}: labelled ${classNames[sample.label]} (${percent(ownProbability)}), looks like ${classNames[suggested]} (${percent(suggestedProbability)})`,
	);
}

function outlierLines({ outliers }: DataFindings): readonly string[] {
	return outliers.map(
		({ sample, score }) =>
			`${sample.path}  (${score.toFixed(1)} deviations from the usual distance)`,
	);
}

function balanceBlock({
	balance,
}: DataFindings): readonly (readonly string[])[] {
	return balance.advice.length === 0
		? []
		: [["classes", ...balance.advice.map(printable)]];
}

function curveBlock({
	learningCurve,
}: DataFindings): readonly (readonly string[])[] {
	if (learningCurve === undefined) return [];
	const points = learningCurve.points.map(
		({ photos, accuracy }) => `${photos}: ${percent(accuracy)}`,
	);
	return [
		[
			"would more photos help?",
			`valid accuracy by training photos   ${points.join("   ")}`,
			learningCurve.advice,
		],
	];
}

function percent(share: number): string {
	return `${(100 * share).toFixed(1)} %`;
}
