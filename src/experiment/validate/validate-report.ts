import type { Diagnostic } from "../../diagnostic.ts";
import type { Schema } from "../schema.ts";
import { firstLineOf, located, type Place } from "../yaml/source.ts";
import type { Tree } from "../yaml/tree.ts";

/** One value being compared with the schema. */
export interface Check {
	readonly tree: Tree;
	readonly schema: Schema;
	readonly path: readonly (string | number)[];
	/** The map or list it stands in. */
	readonly parent: Tree | undefined;
	/** Where to point when the value as a whole is meant. */
	readonly at: Place | undefined;
	readonly found: Diagnostic[];
	/** Compares a value inside this one. */
	readonly check: (inside: Check) => void;
}

/** What is wrong, without its place. */
export interface Fault {
	readonly code: string;
	readonly message: string;
	readonly reason?: string;
	readonly fix?: string;
	readonly suggestion?: string;
}

/** Adds an error at the value, or at `at`. */
export function report(check: Check, fault: Fault, at = check.at): void {
	const place = at === undefined ? {} : located(firstLineOf(at));
	check.found.push({ severity: "error", ...place, ...fault });
}
