import assert from "node:assert/strict";
import test from "node:test";
import { faults } from "./support.ts";

/** One rule broken in one part of an experiment, and kept. */
export type RuleCase = readonly [
	code: string,
	severity: "error" | "warning",
	/** The part that is wrong (all: in any part but data; whole: data too), what the error points at in it, and the part put right. */
	part: "data" | "transforms" | "model" | "train" | "all" | "whole",
	wrong: string,
	pointsAt: string,
	right: string,
];

/** A whole experiment around some of its parts. */
export function around(parts: {
	data?: string;
	transforms?: string;
	model?: string;
	train?: string;
}): string {
	return `data: ${parts.data ?? "{ root: photos }"}
transforms: ${parts.transforms ?? "[Resize: 256, CenterCrop: 224, ToTensor, Normalize]"}
model: ${parts.model ?? "{ backbone: vgg16 }"}
train: ${parts.train ?? "{}"}
`;
}

/** Tests that each case gives its code alone, at the right place, with reason and fix, and nothing when put right. */
export function testRules(folder: string, cases: readonly RuleCase[]): void {
	for (const [code, severity, part, wrong, pointsAt, right] of cases) {
		const whole = (text: string) =>
			part === "whole"
				? `${text}\n`
				: part === "all"
					? `data: { root: x }\n${text}\n`
					: around({ [part]: text });
		test(`${code}: ${wrong.replaceAll("\n", " ")}`, () => {
			const found = faults(folder, whole(wrong));
			assert.deepEqual(
				found.map((each) => [each.code, each.severity]),
				[[code, severity]],
			);
			const [fault] = found;
			const start = (fault?.range?.column ?? 0) - 1;
			const line = fault?.source ?? "";
			assert.ok(
				line.slice(start).startsWith(pointsAt),
				`${line.slice(start)} is pointed at`,
			);
			assert.ok(fault?.reason && fault.fix);
			assert.deepEqual(faults(folder, whole(right)), []);
		});
	}
}
