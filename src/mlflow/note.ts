import type { RunRecord } from "../runs/types.ts";

/** Characters of a tag's value that the server keeps. */
const LONGEST = 8000;

/** What MLflow shows above a run, in Markdown: what was tried, what came of it, what went wrong. */
export function noteOf(record: RunRecord): string {
	const { experiment, error, finalMetrics, warnings, source } = record;
	const metrics = Object.entries(finalMetrics)
		.sort(([a], [b]) => placeOf(a) - placeOf(b))
		.map(
			([key, value]) => `| ${key.replaceAll("|", "\\|")} | ${digits(value)} |`,
		);
	const blocks = [
		experiment.description?.trim(),
		error && `**${record.status}** ${error.code}: ${error.message}`,
		metrics.length > 0 &&
			["| metric | last value |", "|---|---|", ...metrics].join("\n"),
		warnings.length > 0 &&
			warnings.map(({ code, message }) => `- ${code}: ${message}`).join("\n"),
		`From \`${source}\`; the artifact report.html is the whole report.`,
	];
	const note = blocks.filter(Boolean).join("\n\n");
	if (note.length <= LONGEST) return note;
	const end = "\n\n… cut here: the journal is among the artifacts.";
	return `${note.slice(0, LONGEST - end.length)}${end}`;
}

/** MLflow folds a note after its first lines: what a run is judged by comes first. */
function placeOf(key: string): number {
	if (key === "valid/accuracy") return 0;
	if (key === "valid/loss") return 1;
	return key.startsWith("valid/") ? 2 : 3;
}

function digits(value: number): string {
	return Number.isFinite(value)
		? String(Number(value.toPrecision(6)))
		: String(value);
}
