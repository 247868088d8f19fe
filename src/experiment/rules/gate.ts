import type { Experiment } from "../types.ts";
import type { Finding } from "./finding.ts";

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
