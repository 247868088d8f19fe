import type { Experiment } from "../types.ts";
import type { Finding } from "./finding.ts";

/** Folders, manifest and drawn splits fit together. */
export function dataRules({ data }: Experiment): readonly Finding[] {
	return [...nameRules(data), ...splitRules(data)];
}

function nameRules(data: Experiment["data"]): readonly Finding[] {
	const found: Finding[] = [];
	const pairs = [
		["valid", "train"],
		["test", "train"],
		["test", "valid"],
	] as const;
	for (const [key, other] of pairs)
		if (data[key] !== undefined && data[key] === data[other])
			found.push({
				severity: "error",
				code: "same-split",
				at: ["data", key],
				message: `"${key}" and "${other}" are both "${data[key]}"`,
				reason:
					"accuracy on photos that were trained on says nothing about new ones",
				fix: `name another folder, or draw a split: split: { valid: 0.2 }`,
			});
	return found;
}

function splitRules(data: Experiment["data"]): readonly Finding[] {
	const { split } = data;
	if (split === undefined) return [];
	const found: Finding[] = [];
	if (split.valid + split.test >= 1)
		found.push({
			severity: "error",
			code: "split-shares",
			at: ["data", "split", "valid"],
			message: `valid ${split.valid} and test ${split.test} leave nothing to train on`,
			reason: "the train split is what remains of 1",
			fix: "write shares whose sum is below 1, such as valid: 0.2 and test: 0.1",
		});
	for (const key of ["train", "valid", "test"] as const) {
		const name = data[key];
		if (name === undefined || name === key) continue;
		found.push({
			severity: "error",
			code: "split-and-names",
			at: ["data", key],
			message: `"${key}" names the split "${name}", but "split" draws the splits`,
			reason:
				"with split, the folders under root are classes, and no folder is read as a split",
			fix: `remove "${key}", or remove "split" and keep the folders' own`,
		});
	}
	const { group_by } = split;
	if (group_by !== undefined && data.manifest === undefined)
		found.push(...patternRules(group_by));
	return found;
}

/** Without a manifest there is no column, so it is a pattern with a group in it. */
function patternRules(group_by: string): readonly Finding[] {
	const at = ["data", "split", "group_by"];
	const fix = 'write for example group_by: "([^/]+)_[0-9]+\\\\.jpg$"';
	let groups: number;
	try {
		groups = (new RegExp(`${group_by}|`, "u").exec("")?.length ?? 1) - 1;
	} catch (error) {
		return [
			{
				severity: "error",
				code: "group-by-pattern",
				at,
				message: `"${group_by}" is not a regular expression: ${(error as Error).message.replace(/^.*: /, "")}`,
				reason:
					"without a manifest, group_by is a pattern on each photo's relative path",
				fix,
			},
		];
	}
	if (groups > 0) return [];
	return [
		{
			severity: "error",
			code: "group-by-pattern",
			at,
			message: `"${group_by}" has no parenthesis`,
			reason:
				"without a manifest, group_by is a pattern whose first parenthesis is the name of the group",
			fix,
		},
	];
}
