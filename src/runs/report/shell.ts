import { html, type Markup, trusted } from "./html.ts";
import { STYLE } from "./style.ts";

/** Nothing may be fetched or sent: the browser itself holds the page to being self-contained. */
const POLICY =
	"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** Of a page that fetches no more than its policy lets it. @param policy of Content-Security-Policy @param style our own */
export function pageHead(title: string, policy: string, style: string): Markup {
	return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>`;
}

/** A self-contained page: no network, light and dark, for keyboard, screen reader and paper. */
export function pageShell(page: {
	readonly title: string;
	readonly main: Markup;
	/** After main: dialogs and data. */
	readonly after?: Markup;
	/** Our own. */
	readonly script: string;
	readonly style?: string;
}): string {
	return html`${pageHead(page.title, POLICY, STYLE + (page.style ?? ""))}
<body>
<main>
${page.main}
</main>
${page.after}
<script>${trusted(page.script)}</script>
</body>
</html>
`.text;
}
