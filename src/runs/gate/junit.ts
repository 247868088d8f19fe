import { printable } from "../../text.ts";
import type { Verdict } from "./types.ts";

/**
 * JUnit XML, as Jenkins, GitLab and GitHub's test reporters read it (https://github.com/testmoapp/junitxml): one test
 * case a check.
 */
export function verdictJunit(
	name: string,
	{ checks, flipped }: Verdict,
	seconds: number,
): string {
	const failures = checks.filter(({ status }) => status === "fail").length;
	const head = `name="${attribute(name)}" tests="${checks.length}" failures="${failures}" errors="0" skipped="0" time="${seconds.toFixed(3)}"`;
	const cases = checks.map((check) => {
		const open = `    <testcase classname="graft.gate.${attribute(name)}" name="${attribute(check.name)}" time="0"`;
		if (check.status !== "fail") return `${open} />`;
		const photos =
			check.name === "valid/accuracy"
				? flipped.map(({ path }) => `\nnow wrong: ${printable(path)}`).join("")
				: "";
		return `${open}>\n      <failure message="${attribute(check.says)}">${content(check.says + photos)}</failure>\n    </testcase>`;
	});
	return [
		'<?xml version="1.0" encoding="UTF-8"?>',
		`<testsuites ${head}>`,
		`  <testsuite ${head}>`,
		...cases,
		"  </testsuite>",
		"</testsuites>",
		"",
	].join("\n");
}

function attribute(text: string): string {
	return content(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;");
}

/** XML 1.0 has no way to write most control characters. */
function content(text: string): string {
	return text
		.replace(/[^\P{Cc}\t\n]|[\ufffe\uffff]/gu, "�")
		.replaceAll("&", "&amp;")
		.replaceAll("<", "&lt;")
		.replaceAll(">", "&gt;");
}
