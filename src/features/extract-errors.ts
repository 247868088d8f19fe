import type { CorruptPhoto } from "../data/types.ts";
import { RunError } from "../diagnostic.ts";
import { count, printable } from "../text.ts";
import type { Answer } from "./messages.ts";

/** What is said when features cannot be computed. */

/** Every corrupt photo with its reason, at most 50 in words. */
export function corruptError(
	corrupt: readonly CorruptPhoto[],
	root: string,
): RunError {
	const lines = corrupt
		.slice(0, 50)
		.map(({ path, reason }) => `  ${printable(path)}: ${printable(reason)}`);
	if (corrupt.length > 50) lines.push(`  and ${corrupt.length - 50} more`);
	return new RunError(
		"corrupt-photo",
		`${count(corrupt.length, "photo")} in ${root} cannot be decoded:\n${lines.join("\n")}`,
		{
			fix: "replace them, or set data.on_corrupt: skip (leave them out) or quarantine (and keep copies with the run)",
		},
	);
}

/** Two photos, or a photo and the network, that do not fit together. */
export function sizesDiffer(
	photo: { readonly path: string; readonly shape: readonly number[] },
	other:
		| { readonly path: string; readonly shape: readonly number[] }
		| undefined,
	expected: readonly number[],
): RunError {
	const against =
		other === undefined
			? `the network takes ${expected.join(" x ")}`
			: `"${other.path}" is ${other.shape.join(" x ")}`;
	return new RunError(
		"sizes-differ",
		`after the transforms "${photo.path}" is ${photo.shape.join(" x ")} (channels x height x width), but ${against}`,
		{
			fix: "give all photos one size: Resize: { size: [224, 224] }, or Resize followed by CenterCrop",
		},
	);
}

/** What a worker reported, with the photo's name. */
export function failedError(
	answer: Extract<Answer, { type: "failed" }>,
	path: string | undefined,
): Error {
	const message =
		path === undefined ? answer.message : `${path}: ${answer.message}`;
	if (answer.code === "internal") return new Error(message);
	return new RunError(
		answer.code,
		message,
		answer.fix === undefined ? {} : { fix: answer.fix },
	);
}
