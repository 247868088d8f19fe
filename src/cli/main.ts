import { EXIT, RunError } from "../diagnostic.ts";
import { type Arguments, parseArguments } from "./arguments.ts";
import { sayDiagnostics, sayFailure } from "./diagnostics.ts";
import { type Io, processIo } from "./io.ts";
import { wholeNumber } from "./numbers.ts";

/**
 * Reads the command line, calls one verb, answers the exit code: 0 ok, 1 run failed, 2 bad input,
 * 3 gate failed, 130 ended by Ctrl-C. Each verb's modules are loaded when it is called.
 */
export async function main(argv: readonly string[]): Promise<number> {
	const io = processIo(argv.includes("--no-color"));
	process.stdout.on("error", endQuietlyOnClosedPipe);
	const parsed = parseArguments(argv);
	if (!parsed.ok)
		return sayDiagnostics(parsed.diagnostics, argv.includes("json"), io);
	try {
		return await callVerb(parsed.value, io);
	} catch (error) {
		if (!(error instanceof RunError)) throw error;
		return sayRunError(error, parsed.value.options.json, io);
	}
}

/** Verbs take plain arguments and answer an exit code. */
async function callVerb(
	{ verb, operands, options }: Arguments,
	io: Io,
): Promise<number> {
	const [first = ""] = operands;
	switch (verb) {
		case "run":
			return (await import("./run.ts")).run(first, options, io);
		case "check":
			return (await import("./check.ts")).check(operands, options, io);
		case "plan":
			return (await import("./plan.ts")).plan(first, options, io);
		case "preview":
			return (await import("./preview.ts")).preview(first, options, io);
		case "features":
			return (await import("./features.ts")).features(first, options, io);
		case "ls":
			return (await import("./ls.ts")).ls(await lsArguments(options), io);
		case "show":
			return (await import("./show.ts")).show(
				await showArguments(first, options),
				io,
			);
		case "cache":
			return (await import("./cache.ts")).cache(first, options, io);
		case "help":
			return (await import("./help.ts")).help(operands[0], io);
		case "version":
			return (await import("./help.ts")).version(io);
	}
}

async function lsArguments(options: Arguments["options"]) {
	const { runsFolder } = await import("../paths.ts");
	return {
		runs: runsFolder(options.runs),
		format: options.json ? ("json" as const) : ("text" as const),
		...(options.limit === undefined
			? {}
			: { limit: wholeNumber("--limit", options.limit) }),
		...(options.sort === undefined ? {} : { sort: options.sort }),
	};
}

async function showArguments(run: string, options: Arguments["options"]) {
	const { runsFolder } = await import("../paths.ts");
	return {
		run,
		runs: runsFolder(options.runs),
		format: options.json ? ("json" as const) : ("text" as const),
	};
}

function sayRunError(error: RunError, json: boolean, io: Io): number {
	if (json)
		io.stdout(
			`${JSON.stringify({ status: "FAILED", error: { code: error.code, message: error.message } }, null, 2)}\n`,
		);
	sayFailure(error, io);
	return error.code === "bad-value" ? EXIT.badInput : EXIT.runFailed;
}

/** `graft ls | head` closes our stdout early: that is no failure. */
function endQuietlyOnClosedPipe(error: NodeJS.ErrnoException): void {
	if (error.code === "EPIPE") process.exit(0);
	throw error;
}
