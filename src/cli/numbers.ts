import { RunError } from "../diagnostic.ts";

/** The value of an option that counts something. @throws RunError "bad-value" */
export function wholeNumber(option: string, text: string, least = 0): number {
	if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
	throw new RunError(
		"bad-value",
		`${option} is "${text}", expected a whole number${least > 0 ? ` of at least ${least}` : ""}`,
		{ fix: `write ${option} 10` },
	);
}
