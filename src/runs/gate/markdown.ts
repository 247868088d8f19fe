import { printable } from "../../text.ts";
import { allowedText, digits, pText } from "./text.ts";
import type { Flip, Verdict } from "./types.ts";

/** A summary for pull requests (GitHub's step summary, or a comment). */
export function verdictMarkdown(
	title: string,
	{ status, checks, flipped, mended }: Verdict,
): string {
	const mark = { pass: "✅", fail: "❌", note: "ℹ️" };
	const rows = checks.map((check) =>
		[
			mark[check.status],
			check.name,
			digits(check.baseline),
			digits(check.current),
			allowedText(check),
			check.pValue === undefined ? "" : pText(check.pValue),
			check.says,
		]
			.map(escaped)
			.join(" | "),
	);
	return [
		`### ${status === "pass" ? "✅" : "❌"} Accuracy gate of ${escaped(title)}: ${status === "pass" ? "passed" : "failed"}`,
		"",
		"| | check | baseline | now | allowed | p | |",
		"|---|---|---:|---:|---:|---:|---|",
		...rows.map((row) => `| ${row} |`),
		...list("Now wrong", flipped),
		...list("Now right", mended),
		"",
	].join("\n");
}

function list(title: string, flips: readonly Flip[]): readonly string[] {
	if (flips.length === 0) return [];
	return [
		"",
		`<details><summary>${title}: ${flips.length} photos</summary>`,
		"",
		...flips
			.slice(0, 200)
			.map(
				({ path, label }) =>
					`- \`${printable(path).replaceAll("`", "'")}\` (${escaped(label)})`,
			),
		...(flips.length > 200 ? [`- and ${flips.length - 200} more`] : []),
		"",
		"</details>",
	];
}

/** Neither Markdown nor HTML, and one line. */
function escaped(text: string): string {
	return printable(text)
		.replace(/[\\|`*_~[\]]/g, "\\$&")
		.replaceAll("&", "&amp;")
		.replaceAll("<", "&lt;")
		.replaceAll(">", "&gt;");
}
