/** Markup that is safe by construction: every text put into it is escaped, only markup made here is not. */

/** Text that is HTML already. */
export class Markup {
	readonly text: string;
	constructor(text: string) {
		this.text = text;
	}
}

/** What a template may hold. */
export type Content =
	| Markup
	| string
	| number
	| undefined
	| false
	| readonly Content[];

/** html`<p>${text}</p>`: strings and numbers are escaped, undefined and false leave nothing, lists are joined. */
export function html(
	strings: TemplateStringsArray,
	...contents: readonly Content[]
): Markup {
	const parts = strings.map(
		(string, index) =>
			string + (index < contents.length ? render(contents[index]) : ""),
	);
	return new Markup(parts.join(""));
}

/** Text that is markup already: our own style sheet and script. */
export function trusted(text: string): Markup {
	return new Markup(text);
}

function render(content: Content): string {
	// Data that was read from a file may hold null, whatever its type says.
	if (content === undefined || content === null || content === false) return "";
	if (content instanceof Markup) return content.text;
	if (Array.isArray(content)) return content.map(render).join("");
	return escapeHtml(String(content));
}

/** For text and for quoted attributes. Control characters, which HTML forbids, become U+FFFD. */
export function escapeHtml(text: string): string {
	return text
		.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
		.replace(FORBIDDEN, "\ufffd");
}

/** HTML Living Standard, 13.2.3.5: what a document may not hold, lone surrogates included. */
const FORBIDDEN =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
	/[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f]|\p{Surrogate}/gu;

/** Names longer than this are cut on the page where room is short, and told whole by a title. */
const LONG_NAME = 20;

/** A name the user chose, kept from turning the text around it (Arabic or Hebrew class names). */
export function name(text: string): Markup {
	const title = text.length > LONG_NAME && html` title="${text}"`;
	return html`<bdi${title}>${text}</bdi>`;
}

/** Data for the page's script: `<` is written so that no text can end the element. */
export function jsonScript(id: string, value: unknown): Markup {
	const json = JSON.stringify(value).replace(/</g, "\\u003c");
	return trusted(`<script type="application/json" id="${id}">${json}</script>`);
}
