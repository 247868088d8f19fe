import type { Experiment } from "../types.ts";
import type { Finding } from "./finding.ts";

/** Corner crops need a crop to take the place of. */
export function evaluationRules({
	evaluation,
	transforms,
}: Experiment): readonly Finding[] {
	const tta = evaluation?.tta;
	if (tta === undefined || tta === "hflip") return [];
	if (transforms.eval.some(({ name }) => name === "CenterCrop")) return [];
	return [
		{
			severity: "error",
			code: "tta-needs-crop",
			at: ["evaluation", "tta"],
			message: `${tta} takes crops at the corners in place of CenterCrop, but the transforms of evaluation have none`,
			reason: "without a crop every view would be the whole photo",
			fix: "write tta: hflip, or resize larger and crop: [{ Resize: 256 }, { CenterCrop: 224 }, ToTensor, Normalize]",
			suggestion: "hflip",
		},
	];
}

/** Floors are put under metrics that should be high. */
export function gateRules({ gate }: Experiment): readonly Finding[] {
	const floors = typeof gate?.floor === "object" ? gate.floor : {};
	return Object.keys(floors)
		.filter((metric) => /loss|error|ece/.test(metric))
		.map((metric) => ({
			severity: "error",
			code: "floor-direction",
			at: ["gate", "floor", metric],
			message: `"${metric}" has a floor, but it is better when it is lower`,
			reason: "a floor is the least value that passes",
			fix: "put the floor under valid/accuracy, or leave it out: the paired test watches the accuracy in any case",
		}));
}
