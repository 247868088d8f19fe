import { EXIT } from "../diagnostic.ts";
import { helpFor, helpIndex } from "../experiment/help.ts";
import { nearest } from "../experiment/suggest.ts";
import { table } from "../text.ts";
import { graftVersion } from "../versions.ts";
import type { Io } from "./io.ts";
import { OPTIONS, type OptionName } from "./options.ts";
import { VERBS, type VerbName } from "./verbs.ts";

/** `graft help`: the verbs; with a word: that verb, key of the experiment file, transform or error code. */
export function help(word: string | undefined, io: Io): number {
	if (word === undefined) {
		io.stdout(overview());
		return EXIT.ok;
	}
	const text = Object.hasOwn(VERBS, word)
		? verbHelp(word as VerbName)
		: helpFor(word);
	if (text !== undefined) {
		io.stdout(text.endsWith("\n") ? text : `${text}\n`);
		return EXIT.ok;
	}
	const near = nearest(word, [...Object.keys(VERBS), ...helpIndex()]);
	io.stderr(
		`graft: there is no help on "${word}"\n  fix: ${near === undefined ? "graft help lists the verbs" : `did you mean "${near}"?`}\n`,
	);
	return EXIT.badInput;
}

/** `graft version`. */
export function version(io: Io): number {
	io.stdout(`${graftVersion()}\n`);
	return EXIT.ok;
}

function overview(): string {
	const verbs = Object.values(VERBS)
		.filter(({ hidden }) => !hidden)
		.map(({ usage, summary }) => [`  graft ${usage}`, summary]);
	return [
		"Graft runs declared transfer-learning experiments on images.",
		"",
		...table(verbs, ["left", "left"]),
		"",
		"  graft FILE is short for graft run FILE; in a checkout, npm run exp -- VERB is the same program.",
		"  graft help VERB explains a verb, graft help KEY a key of the experiment file (train.optimizer, Resize, …),",
		"  graft help CODE an error.",
		"",
	].join("\n");
}

function verbHelp(verb: VerbName): string {
	const { usage, summary, options } = VERBS[verb];
	const rows = [...options, "no-color" as OptionName].map((name) => {
		const { value, short, summary: about } = OPTIONS[name];
		return [
			`  ${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`,
			about,
		];
	});
	return [
		`graft ${usage}`,
		`  ${summary}`,
		"",
		...table(rows, ["left", "left"]),
		"",
	].join("\n");
}
