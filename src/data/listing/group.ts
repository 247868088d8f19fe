import { fail, ok, type Result } from "../../diagnostic.ts";
import type { DataOptions } from "../../experiment/types.ts";
import { count } from "../../text.ts";
import { dataError, nameSome } from "../diagnose.ts";
import type { ListedPhoto } from "./listing.ts";

/** Photos with the group that `data.split.group_by`, a regular expression on the path, gives them. */
export function groupOf(
	options: DataOptions,
	photos: readonly ListedPhoto[],
): Result<readonly ListedPhoto[]> {
	const pattern = options.split?.group_by;
	if (pattern === undefined) return ok(photos);
	const at = ["data", "split", "group_by"];
	let expression: RegExp;
	try {
		expression = new RegExp(pattern, "u");
	} catch (error) {
		return fail([
			dataError(
				at,
				"bad-pattern",
				`${JSON.stringify(pattern)} is no regular expression: ${(error as Error).message}`,
				{ fix: "for example ^[^/]+/([^_]+)_ takes what precedes the first _" },
			),
		]);
	}
	const unmatched: string[] = [];
	const grouped = photos.map((photo) => {
		const match = expression.exec(photo.path);
		if (match === null) unmatched.push(photo.path);
		return { ...photo, group: match?.[1] ?? match?.[0] };
	});
	if (unmatched.length === 0) return ok(grouped);
	return fail([
		dataError(
			at,
			"group-unmatched",
			`${count(unmatched.length, "photo")} without a group: ${nameSome(unmatched)}`,
			{
				reason: `their paths do not match ${JSON.stringify(pattern)}`,
				fix: "widen the regular expression so that it matches every path",
			},
		),
	]);
}
