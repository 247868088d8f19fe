import type { Severity } from "../../diagnostic.ts";

/** What a rule finds wrong, with the path of the value in the experiment's normal form. */
export interface Finding {
	readonly severity: Severity;
	readonly code: string;
	readonly at: readonly (string | number)[];
	readonly message: string;
	readonly reason: string;
	readonly fix: string;
	readonly suggestion?: string;
}
