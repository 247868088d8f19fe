import { RunError } from "../diagnostic.ts";

/** The value of an option that counts something. @throws RunError "bad-value" */
export function wholeNumber(
	option: string,
	text: string,
	least = 0,
	most = Number.MAX_SAFE_INTEGER,
): number {
	const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
	if (value >= least && value <= most) return value;
	const range =
		most < Number.MAX_SAFE_INTEGER
			? ` from ${least} to ${most}`
			: least > 0
				? ` of at least ${least}`
				: "";
	throw new RunError(
		"bad-value",
		`${option} is "${text}", expected a whole number${range}`,
		{ fix: `write ${option} 10` },
	);
}
