import { RunError } from "../diagnostic.ts";

/** The value of an option that counts something. @throws RunError "bad-value" */
export function wholeNumber(option: string, text: string): number {
	if (/^\d+$/.test(text)) return Number(text);
	throw new RunError(
		"bad-value",
		`${option} is "${text}", expected a whole number`,
		{ fix: `write ${option} 10` },
	);
}
