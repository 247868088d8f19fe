import { type DataDiagnostic, dataWarning } from "../diagnose.ts";
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
		else if (earlier.label !== sample.label)
			labels.push(
				`${earlier.path} ("${classNames[earlier.label]}") = ${sample.path} ("${classNames[sample.label]}")`,
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

function some(pairs: readonly string[]): string {
	const shown = pairs.slice(0, 3).join("; ");
	return pairs.length > 3 ? `${shown}; and ${pairs.length - 3} more` : shown;
}
