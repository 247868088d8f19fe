import type { Diagnostic } from "../../diagnostic.ts";
import { nearest } from "../suggest.ts";
import { isLong } from "../yaml/source.ts";
import {
	type ListTree,
	type MapTree,
	plainValue,
	type Tree,
} from "../yaml/tree.ts";
import type { AxisValue } from "./axes.ts";
import { canonical } from "./canonical.ts";
import { fault } from "./fault.ts";

/** The values of a list; two of one name are an error. */
export function axisValues(
	list: ListTree,
	problems: Diagnostic[],
): readonly AxisValue[] {
	const values = list.items.map((item) => axisValue(item, problems));
	const names = new Map<string, string>();
	for (const { shown, at, tree } of values) {
		if (typeof shown !== "string") continue;
		const content = canonical(plainValue(tree));
		const other = names.get(shown);
		names.set(shown, content);
		if (other === undefined || other === content) continue;
		problems.push(
			fault("axis-names", at, {
				message: `two values of this axis are called "${shown}"`,
				reason: "tables and plots tell trials apart by these names",
				fix: "give each its own",
			}),
		);
	}
	return values;
}

/** `{ name: squash, value: [...] }`, or the value alone. */
export function axisValue(tree: Tree, problems: Diagnostic[]): AxisValue {
	const plain = { tree, shown: plainValue(tree), at: tree.at };
	if (tree.kind !== "map" || tree.entries.size !== 2) return plain;
	const misspelt = misspeltName(tree);
	if (misspelt !== undefined) problems.push(misspelt.problem);
	const name = tree.entries.get(misspelt?.name ?? "name");
	const value = tree.entries.get(misspelt?.value ?? "value");
	if (name?.value.kind !== "scalar" || value === undefined) return plain;
	const shown = String(name.value.value);
	const { at } = value.value;
	return { tree: value.value, shown, at: isLong(at) ? value.key : at };
}

/** `{ nmae: squash, value: … }`, which would be taken for the value itself. */
function misspeltName(tree: MapTree):
	| {
			readonly name: string;
			readonly value: string;
			readonly problem: Diagnostic;
	  }
	| undefined {
	for (const [given, meant] of [
		["value", "name"],
		["name", "value"],
	] as const) {
		if (!tree.entries.has(given) || tree.entries.has(meant)) continue;
		const [other = "", entry] =
			[...tree.entries].find(([key]) => key !== given) ?? [];
		if (nearest(other, [meant]) === undefined) continue;
		const problem = fault("unknown-key", entry?.key, {
			message: `"${other}" is not an option of a named value`,
			reason: "a value with a name for tables is { name: …, value: … }",
			fix: `did you mean "${meant}"?`,
			suggestion: meant,
		});
		return given === "value"
			? { name: other, value: given, problem }
			: { name: given, value: other, problem };
	}
	return undefined;
}
