/**
 * What an answer that is no success says, in one line: MLflow's JSON, a proxy's or basic auth's HTML,
 * or plain text (MLflow's own answer to a foreign Host).
 */
export function explainPage(
	status: number,
	body: string,
): { readonly message: string; readonly errorCode: string | undefined } {
	const json = parse(body);
	if (typeof json?.error_code === "string") {
		const message = typeof json.message === "string" ? json.message : "";
		return {
			message: `${json.error_code}: ${oneLine(message)}`,
			errorCode: json.error_code,
		};
	}
	return {
		message: [textOf(body), HINTS[status]].filter(Boolean).join(" ("),
		errorCode: undefined,
	};
}

const HINTS: Readonly<Record<number, string>> = {
	401: "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN)",
	403: "the server may not know the name it is called by: see its --allowed-hosts)",
	404: "is this a tracking server?)",
};

function parse(body: string): Readonly<Record<string, unknown>> | undefined {
	try {
		const value: unknown = JSON.parse(body);
		return typeof value === "object" && value !== null
			? (value as Record<string, unknown>)
			: undefined;
	} catch {
		return undefined;
	}
}

/** Of a page its title and text, without what a browser would not show. */
function textOf(body: string): string {
	if (!/<html|<!doctype|<body|<title/i.test(body)) return oneLine(body);
	return oneLine(
		body
			.replace(/<(script|style)\b[\s\S]*?<\/\1>/gi, " ")
			.replace(/<[^>]*>/g, " ")
			.replace(/&nbsp;/g, " ")
			.replace(/&lt;/g, "<")
			.replace(/&gt;/g, ">")
			.replace(/&quot;/g, '"')
			.replace(/&amp;/g, "&"),
	);
}

function oneLine(text: string): string {
	const line = text.replace(/\s+/g, " ").trim();
	return line.length > 300 ? `${line.slice(0, 300)} …` : line || "no text";
}
