import { parseArgs } from "node:util";
import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import { nearest } from "../experiment/suggest.ts";
import { OPTIONS, type OptionName } from "./options.ts";
import { VERBS, type VerbName } from "./verbs.ts";

/** A command line understood: one verb, its operands, and the options that verb takes. */
export interface Arguments {
	readonly verb: VerbName;
	readonly operands: readonly string[];
	readonly options: Options;
}

/** A flag is true, an option its text, `set` the list of its texts in order. */
export type Options = { readonly [name in OptionName]?: string } & {
	readonly sets: readonly string[];
	readonly json: boolean;
	readonly flags: ReadonlySet<OptionName>;
};

/** The mistakes of a command line, all at once: unknown verb or option, missing value, operand too many or too few. */
export function parseArguments(argv: readonly string[]): Result<Arguments> {
	const { tokens } = parseArgs({
		args: [...argv],
		options: parserOptions(),
		strict: false,
		allowPositionals: true,
		tokens: true,
	});
	const problems: Diagnostic[] = [];
	const positionals: string[] = [];
	const values = new Map<OptionName, string>();
	const flags = new Set<OptionName>();
	const sets: string[] = [];
	for (const token of tokens) {
		if (token.kind === "positional") positionals.push(token.value);
		if (token.kind !== "option") continue;
		const name = token.name as OptionName;
		const option = OPTIONS[name];
		if (option === undefined) problems.push(unknownOption(token.rawName));
		else if (option.value === undefined) flags.add(name);
		else if (
			token.value === undefined ||
			(token.value.startsWith("--") && !token.inlineValue)
		) {
			problems.push(
				problem(
					"missing-value",
					`${token.rawName} needs a value`,
					`write ${token.rawName} ${option.value}`,
				),
			);
		} else if (option.choices && !option.choices.includes(token.value)) {
			const near = nearest(token.value, option.choices);
			problems.push(
				problem(
					"bad-value",
					`${token.rawName} is "${token.value}", expected ${option.choices.join(" or ")}`,
					near === undefined
						? `write ${token.rawName} ${option.choices[0]}, or leave it out`
						: `did you mean "${near}"?`,
					near,
				),
			);
		} else if (name === "set") sets.push(token.value);
		else values.set(name, token.value);
	}
	const verb = verbOf(positionals, flags, problems);
	if (verb === undefined) return fail(problems);
	const used = [
		...values.keys(),
		...flags,
		...(sets.length > 0 ? (["set"] as const) : []),
	];
	problems.push(...misplaced(verb, used), ...miscounted(verb, positionals));
	if (problems.length > 0) return fail(problems);
	const device = values.get("device");
	if (device !== undefined) sets.push(`device=${device}`);
	const options = {
		...Object.fromEntries(values),
		sets,
		flags,
		json: values.get("format") === "json",
	};
	return ok({ verb, operands: positionals, options: options as Options });
}

function parserOptions() {
	const entries = Object.entries(OPTIONS).map(([name, option]) => [
		name,
		{
			type: option.value === undefined ? "boolean" : "string",
			multiple: true,
			...(option.short ? { short: option.short } : {}),
		},
	]);
	return Object.fromEntries(entries) as Record<
		string,
		{ type: "boolean" | "string"; multiple: true }
	>;
}

/** Takes the verb off the operands; a path alone means `run`. */
function verbOf(
	positionals: string[],
	flags: ReadonlySet<OptionName>,
	problems: Diagnostic[],
): VerbName | undefined {
	if (flags.has("version")) return "version";
	const first = positionals[0];
	if (first === undefined) return "help";
	if (Object.hasOwn(VERBS, first)) {
		positionals.shift();
		if (flags.has("help")) {
			positionals.splice(0, positionals.length, first);
			return "help";
		}
		return first as VerbName;
	}
	if (flags.has("help")) return "help";
	if (/[./\\]/.test(first)) return "run";
	const near = nearest(first, Object.keys(VERBS));
	const fix =
		near === undefined
			? "graft help lists the verbs"
			: `did you mean "graft ${near}"?`;
	problems.push(
		problem(
			"unknown-verb",
			`"${first}" is neither a verb nor a path of a file`,
			fix,
			near,
		),
	);
	return undefined;
}

/** Taken by every verb, so that a script can pass its folders along without thinking. */
const EVERYWHERE = ["runs", "cache", "no-color", "help", "version"] as const;

function misplaced(verb: VerbName, used: readonly OptionName[]): Diagnostic[] {
	const allowed = new Set<OptionName>([...VERBS[verb].options, ...EVERYWHERE]);
	return used
		.filter((name) => !allowed.has(name))
		.map((name) => {
			const takes = VERBS[verb].options
				.map((option) => `--${option}`)
				.join(", ");
			return problem(
				"misplaced-option",
				`--${name} is not an option of "graft ${verb}"`,
				`it takes ${takes || "none"}`,
			);
		});
}

function miscounted(verb: VerbName, operands: readonly string[]): Diagnostic[] {
	const { usage, least, most } = VERBS[verb];
	if (operands.length < least) {
		return [
			problem(
				"missing-operand",
				`"graft ${verb}" needs ${least === 1 ? "an operand" : `${least} operands`}`,
				`write graft ${usage}`,
			),
		];
	}
	if (operands.length > most) {
		return [
			problem(
				"extra-operand",
				`"graft ${verb}" does not take "${operands[most]}"`,
				`write graft ${usage}`,
			),
		];
	}
	return [];
}

function unknownOption(rawName: string): Diagnostic {
	const near = nearest(rawName.replace(/^-+/, ""), Object.keys(OPTIONS));
	const fix =
		near === undefined
			? "graft help lists the options"
			: `did you mean --${near}?`;
	return problem("unknown-option", `${rawName} is not an option`, fix, near);
}

function problem(
	code: string,
	message: string,
	fix?: string,
	suggestion?: string,
): Diagnostic {
	return {
		severity: "error",
		code,
		message,
		...(fix === undefined ? {} : { fix }),
		...(suggestion === undefined ? {} : { suggestion }),
	};
}
