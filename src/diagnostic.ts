/**
 * What Graft says when something the user wrote cannot work.
 *
 * Mistakes of the user are data: they are collected, sorted and printed together.
 * Failures of the world (a disk, a process, a corrupt photo) throw a RunError.
 */

/** An error keeps the experiment from running, a warning does not. */
export type Severity = "error" | "warning";

/** A place in a text file; lines and columns are 1-based, `end` is exclusive. */
export interface Range {
	readonly line: number;
	readonly column: number;
	readonly endLine: number;
	readonly endColumn: number;
}

/** One mistake or warning, with its place and what to do. */
export interface Diagnostic {
	readonly severity: Severity;
	/** A stable kebab-case word, documented in src/experiment/codes.ts and printed by `graft help CODE`. */
	readonly code: string;
	/** The file as the user named it; undefined when the place is the command line. */
	readonly file?: string;
	/** Undefined when the whole file (or the command line) is meant. */
	readonly range?: Range;
	/** One sentence: what is wrong, with the value received. */
	readonly message: string;
	/** Why that cannot work: what is accepted here, what depends on it. */
	readonly reason?: string;
	/** What to do about it. */
	readonly fix?: string;
	/** The nearest allowed name, bare, where there is one: `learning_rate`. */
	readonly suggestion?: string;
	/** The whole lines from `range.line` to `range.endLine`, for the excerpt. */
	readonly source?: string;
}

/** Either a value (perhaps with warnings) or at least one error. */
export type Result<T> =
	| {
			readonly ok: true;
			readonly value: T;
			readonly warnings: readonly Diagnostic[];
	  }
	| { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** A result with its value. */
export function ok<T>(
	value: T,
	warnings: readonly Diagnostic[] = [],
): Result<T> {
	return { ok: true, value, warnings };
}

/** A result without a value: at least one error. */
export function fail<T>(diagnostics: readonly Diagnostic[]): Result<T> {
	return { ok: false, diagnostics };
}

/**
 * A failure of the world rather than of the experiment file: names the path, command or URL,
 * what was expected and what came, and what to do.
 */
export class RunError extends Error {
	readonly code: string;
	readonly fix: string | undefined;

	constructor(
		code: string,
		message: string,
		options: { fix?: string; cause?: unknown } = {},
	) {
		super(message, options.cause === undefined ? {} : { cause: options.cause });
		this.name = "RunError";
		this.code = code;
		this.fix = options.fix;
	}
}

/** Exit codes of the program. 130 is the shell's word for "ended by Ctrl-C". */
export const EXIT = {
	ok: 0,
	runFailed: 1,
	badInput: 2,
	gateFailed: 3,
	killed: 130,
} as const;
