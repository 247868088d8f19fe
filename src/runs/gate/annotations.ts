import type { Verdict } from "./types.ts";

/** GitHub's workflow commands: what a pull request shows beside the experiment file. */
export function verdictAnnotations(
	file: string,
	line: number,
	{ checks }: Verdict,
): readonly string[] {
	return checks
		.filter(({ status }) => status !== "pass")
		.map(({ status, name, says }) => {
			const level = status === "fail" ? "error" : "notice";
			return `::${level} file=${property(file)},line=${line},title=${property(`accuracy gate: ${name}`)}::${message(says)}`;
		});
}

/** https://docs.github.com/actions/reference/workflow-commands-for-github-actions: what must be escaped. */
function message(text: string): string {
	return text
		.replaceAll("%", "%25")
		.replaceAll("\r", "%0D")
		.replaceAll("\n", "%0A");
}

function property(text: string): string {
	return message(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
