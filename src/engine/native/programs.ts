import { spawn, spawnSync } from "node:child_process";
import { RunError } from "../../diagnostic.ts";
import { printable } from "../../text.ts";

/** Other programs: npm, pip, the compiler. */

/** How one is started. */
export interface ProgramOptions {
	readonly cwd?: string;
	/** Beside the process's own environment. */
	readonly env?: Readonly<Record<string, string | undefined>>;
	readonly signal?: AbortSignal | undefined;
	/** Code and fix of the failure. */
	readonly failure: { readonly code: string; readonly fix: string };
	/** What an exit status means, where it is worth an error of its own. */
	readonly explain?: (
		status: number | null,
		said: string,
	) => RunError | undefined;
}

/** Lines of a failed program's own words that are shown. */
const SHOWN = 12;

/**
 * Runs a program to its end; what it says is kept and shown only where it fails.
 * @throws RunError with `failure.code`.
 */
export async function runProgram(
	program: string,
	args: readonly string[],
	{ cwd, env, signal, failure, explain }: ProgramOptions,
): Promise<string> {
	const child = spawn(program, args, {
		stdio: ["ignore", "pipe", "pipe"],
		...(cwd && { cwd }),
		env: { ...process.env, ...env },
		...(signal && { signal }),
	});
	let said = "";
	const listen = (chunk: Buffer) => {
		said = (said + chunk.toString("utf8")).slice(-100_000);
	};
	child.stdout.on("data", listen);
	child.stderr.on("data", listen);
	let status: number | null = null;
	const end = await new Promise<string | undefined>((resolve) => {
		child.on("error", (error) => resolve(error.message));
		child.on("close", (code, killed) => {
			status = code;
			resolve(code === 0 ? undefined : `ended with ${code ?? killed}`);
		});
	});
	if (end === undefined) return said;
	signal?.throwIfAborted();
	const explained = explain?.(status, said);
	if (explained) throw explained;
	const words = said.trimEnd().split(/\r?\n/).slice(-SHOWN).map(printable);
	throw new RunError(
		failure.code,
		[`${program} ${shown(args)} ${end}`, ...words].join("\n    "),
		{ fix: failure.fix },
	);
}

/** The first words of a command, without a program that is passed in one of them. */
function shown(args: readonly string[]): string {
	const short = args.slice(0, 3).filter((arg) => !arg.includes("\n"));
	return short.length < args.length ? `${short.join(" ")} …` : short.join(" ");
}

/** First line of what a program says of itself; undefined where it is not there or fails. */
export function ask(
	program: string,
	args: readonly string[],
	env: Readonly<Record<string, string>> = {},
): string | undefined {
	const { status, stdout, stderr } = spawnSync(program, args, {
		encoding: "utf8",
		timeout: 20_000,
		env: { ...process.env, ...env },
	});
	if (status !== 0) return undefined;
	const [line = ""] = (stdout || stderr).split("\n");
	return printable(line.trim());
}
