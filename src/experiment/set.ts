import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import { placeAt, type Step, splitPath } from "./place-at.ts";
import { readYaml } from "./yaml/read.ts";
import { located, makeSource, type Place, type Source } from "./yaml/source.ts";
import type { MapTree, Tree } from "./yaml/tree.ts";

/** A tree after `--set`, and what was wrong with those that could not be applied. */
export interface Applied {
	readonly tree: MapTree;
	readonly problems: readonly Diagnostic[];
}

/**
 * The tree with every `--set path=value` laid over it, in order. The path is dotted; a name with dots
 * in it is quoted (`model.replace."classifier.6"`) or has backslashes (`classifier\.6`); items of lists
 * are numbered from 0. The value is YAML. Both are checked with the rest, at their place on the command line.
 */
export function applySets(tree: MapTree, sets: readonly string[]): Applied {
	const problems: Diagnostic[] = [];
	let whole: Tree = tree;
	const each = sets.map((text, index) => ({ text, index }));
	// What the strategy gives can be set, so it is known first.
	const isStrategy = ({ text }: { text: string }) => /^strategy\s*=/.test(text);
	for (const { text, index } of [
		...each.filter(isStrategy),
		...each.filter((set) => !isStrategy(set)),
	]) {
		const source = makeSource(text, {
			file: "--set",
			from: "set",
			folder: process.cwd(),
			firstLine: index + 1,
		});
		const parsed = parseSet(source);
		if (!parsed.ok) {
			problems.push(...parsed.diagnostics);
			continue;
		}
		const { steps, value } = parsed.value;
		const placed = placeAt(whole, steps, value);
		if (placed.ok) whole = placed.value;
		else problems.push(...placed.diagnostics);
	}
	return { tree: whole as MapTree, problems };
}

function parseSet(
	source: Source,
): Result<{ steps: readonly Step[]; value: Tree }> {
	const { steps, end } = splitPath(source.text, (start, end) => ({
		source,
		start,
		end,
	}));
	if (end >= source.text.length)
		return fail([
			problem(
				"bad-set",
				{ source, start: 0, end },
				{
					message: `"${source.text}" has no value`,
					fix: `write --set ${source.text || "train.epochs"}=VALUE`,
				},
			),
		]);
	const empty = steps.find(({ name }) => name === "");
	if (empty !== undefined)
		return fail([
			problem(
				"bad-set",
				{ source, start: 0, end },
				{
					message: "a name is missing in the path",
					fix: "write for example --set train.epochs=5",
				},
			),
		]);
	if (steps[0]?.name === "extends")
		return fail([
			problem("bad-set", steps[0].at, {
				message: '"extends" cannot be set',
				reason: "files are read before --set is applied",
				fix: "write it into the file",
			}),
		]);
	// Blanks in place of the path keep the offsets of what follows.
	const yaml = " ".repeat(end + 1) + source.text.slice(end + 1);
	const value = readYaml(source, yaml);
	if (value.problems.length > 0) return fail(value.problems);
	const at = { source, start: end, end: source.text.length };
	const nothing: Tree = { kind: "scalar", value: null, text: "", at };
	return ok({ steps, value: value.tree ?? nothing });
}

function problem(
	code: string,
	at: Place,
	words: { message: string; reason?: string; fix: string },
): Diagnostic {
	return { severity: "error", code, ...located(at), ...words };
}
