import type { Diagnostic } from "../../diagnostic.ts";
import type { Json } from "../../fingerprint.ts";
import { nearest } from "../suggest.ts";
import { inline } from "../yaml/inline.ts";
import type { Place } from "../yaml/source.ts";
import { type MapTree, plainValue, type Tree } from "../yaml/tree.ts";
import type { Axes, Axis, Choice, Match, MatchPart } from "./axes.ts";
import { axisKey } from "./axis-key.ts";
import { canonical } from "./canonical.ts";
import { fault } from "./fault.ts";

/** `{ train.optimizer: sgd, train.epochs: [5, 10] }`: a list is any of its values. */
export function readMatch(
	tree: MapTree,
	at: Place | undefined,
	problems: Diagnostic[],
): Match {
	if (tree.entries.size === 0)
		problems.push(
			fault("axis-empty", at, {
				message: "this names no key",
				reason: "it would mean every trial",
				fix: "write for example train.optimizer: sgd",
			}),
		);
	const parts = [...tree.entries].flatMap(
		([text, { key: keyAt, value }]): MatchPart[] => {
			const key = axisKey(text, keyAt, problems);
			if (key === undefined) return [];
			const items = value.kind === "list" ? [value, ...value.items] : [value];
			const valuesAt = (value.kind === "list" ? value.items : [value]).map(
				(item) => ({
					text: wordOf(item),
					value: canonical(plainValue(item)),
					at: item.at ?? keyAt,
				}),
			);
			const values = new Set(items.map((item) => canonical(plainValue(item))));
			return [{ name: key.name, values, at: keyAt, valuesAt }];
		},
	);
	return { parts, at };
}

function wordOf(tree: Tree): string {
	return tree.kind === "scalar" && typeof tree.value === "string"
		? tree.value
		: inline(plainValue(tree));
}

/** Whether a trial has all that a match names; a value is meant by its name or as it is. */
export function matches({ parts }: Match, settings: Choice): boolean {
	return parts.every(({ name, values }) =>
		settings.some(
			({ key, value }) =>
				key.name === name &&
				(values.has(canonical(value.shown)) ||
					values.has(canonical(plainValue(value.tree)))),
		),
	);
}

/** Keys of matches that are not swept, and values that no trial has. */
export function checkMatches({
	axes,
	conditions,
	exclusions,
}: Axes): readonly Diagnostic[] {
	const problems: Diagnostic[] = [];
	const swept = new Map<string, Set<string>>();
	note(swept, axes);
	for (const { match, axes: own } of conditions) {
		problems.push(...unmatched(match, swept));
		note(swept, own);
	}
	for (const match of exclusions) problems.push(...unmatched(match, swept));
	return problems;
}

function note(swept: Map<string, Set<string>>, axes: readonly Axis[]): void {
	for (const { key, value } of axes.flatMap(({ choices }) => choices).flat()) {
		const known = swept.get(key.name) ?? new Set();
		known.add(canonical(value.shown));
		known.add(canonical(plainValue(value.tree)));
		swept.set(key.name, known);
	}
}

function unmatched(
	{ parts }: Match,
	swept: ReadonlyMap<string, ReadonlySet<string>>,
): readonly Diagnostic[] {
	return parts.flatMap(({ name, at, valuesAt }): Diagnostic[] => {
		const known = swept.get(name);
		if (known === undefined) {
			const near = nearest(name, [...swept.keys()]);
			return [
				fault("axis-match", at, {
					message: `"${name}" is not swept${swept.size > 0 ? " before this" : ""}`,
					reason:
						swept.size === 0
							? "there is no key to choose trials by"
							: `the swept keys are ${[...swept.keys()].join(", ")}`,
					...(near === undefined
						? { fix: `add "${name}" to grid, or take it away here` }
						: { fix: `did you mean "${near}"?`, suggestion: near }),
				}),
			];
		}
		return valuesAt
			.filter(({ value }) => !known.has(value))
			.map(({ text, at: place }) => {
				const words = [...known]
					.filter((value) => value !== "")
					.map((value) => JSON.parse(value) as Json)
					.filter((value) => typeof value !== "object" || value === null);
				const near = nearest(text, words.map(String));
				return fault("bad-value", place, {
					message: `no trial has ${name}: ${text}`,
					reason: `its values are ${words.slice(0, 12).map(inline).join(", ")}${words.length > 12 ? ", …" : ""}`,
					...(near === undefined
						? { fix: "write one of them" }
						: { fix: `did you mean "${near}"?`, suggestion: near }),
				});
			});
	});
}
