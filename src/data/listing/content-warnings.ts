import { type DataDiagnostic, dataWarning, nameSome } from "../diagnose.ts";
import type { Sample } from "../types.ts";

/**
 * Warnings about equal photos (same bytes): one in two classes is a wrong label, one in two splits makes
 * the measured accuracy too good. Equal photos within a class of a split are fine.
 */
export function contentWarnings(
	samples: readonly Sample[],
	classNames: readonly string[],
): readonly DataDiagnostic[] {
	const first = new Map<string, Sample>();
	const labels: string[] = [];
	const splits: string[] = [];
	for (const sample of samples) {
		const earlier = first.get(sample.sha256);
		if (earlier === undefined) first.set(sample.sha256, sample);
		else if (named(earlier, classNames) !== named(sample, classNames))
			labels.push(
				`${earlier.path} ("${named(earlier, classNames)}") = ${sample.path} ("${named(sample, classNames)}")`,
			);
		else if (earlier.split !== sample.split)
			splits.push(`${earlier.path} = ${sample.path}`);
	}
	const warnings: DataDiagnostic[] = [];
	if (labels.length > 0)
		warnings.push(
			dataWarning(
				["data", "root"],
				"same-photo-two-labels",
				`equal photos with different labels: ${some(labels)}`,
				{
					reason: "one of the two labels is wrong, and the head learns both",
					fix: "remove the wrong one",
				},
			),
		);
	if (splits.length > 0)
		warnings.push(
			dataWarning(
				["data", "root"],
				"same-photo-two-splits",
				`equal photos in different splits: ${some(splits)}`,
				{
					reason:
						"the head is measured on photos it has seen, so the accuracy is too good",
					fix: "remove one of each pair",
				},
			),
		);
	return warnings;
}

function named(
	{ label, labels }: Sample,
	classNames: readonly string[],
): string | undefined {
	return labels === undefined
		? classNames[label]
		: labels.map((index) => classNames[index]).join("|");
}

/** With `data.multi_label`: classes that a split can say nothing about, for none of its photos has them. */
export function absentWarnings(
	samples: readonly Sample[],
	classNames: readonly string[],
): readonly DataDiagnostic[] {
	if (samples[0]?.labels === undefined) return [];
	const splits = [...new Set(samples.map(({ split }) => split))];
	return splits.flatMap((split) => {
		const here = new Set(
			samples.flatMap((sample) =>
				sample.split === split ? (sample.labels ?? []) : [],
			),
		);
		const absent = classNames.filter((_, label) => !here.has(label));
		if (absent.length === 0) return [];
		return [
			dataWarning(
				["data", "multi_label"],
				"class-not-measured",
				`no photo of ${split} has ${nameSome(absent)}`,
				{
					reason:
						"their average precision there is undefined, and the mean leaves them out",
					fix: `put photos with them into ${split}`,
				},
			),
		];
	});
}

function some(pairs: readonly string[]): string {
	const shown = pairs.slice(0, 3).join("; ");
	return pairs.length > 3 ? `${shown}; and ${pairs.length - 3} more` : shown;
}
