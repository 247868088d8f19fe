import { resolve } from "node:path";
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
	process.stdout.on("error", (error) => onStdoutError(error, io));
	const parsed = parseArguments(argv);
	if (!parsed.ok)
		return sayDiagnostics(parsed.diagnostics, wantsJson(argv), io);
	// Engines that graft setup put into this cache are looked for far from any option, in workers too.
	const { cache } = parsed.value.options;
	if (cache !== undefined) process.env.GRAFT_CACHE = resolve(cache);
	try {
		return await callVerb(parsed.value, io);
	} catch (error) {
		const { json } = parsed.value.options;
		return sayError(error instanceof RunError ? error : ours(error), json, io);
	}
}

/** Whether a command line that could not be understood asks for JSON. */
function wantsJson(argv: readonly string[]): boolean {
	return argv.some((word) => word === "json" || word === "--format=json");
}

/** Verbs take plain arguments and answer an exit code. */
async function callVerb(
	{ verb, operands, options }: Arguments,
	io: Io,
): Promise<number> {
	const [first = ""] = operands;
	switch (verb) {
		case "run":
			return options.flags.has("resume")
				? (await import("./resume.ts")).resume(first, options, io)
				: (await import("./start.ts")).start(first, options, io);
		case "init":
			return (await import("./init.ts")).init(first, options, io);
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
		case "zoo":
			return (await import("./zoo.ts")).zoo(options, io);
		case "cache":
			return (await import("./cache.ts")).cache(first, options, io);
		case "data":
			return (await import("./data.ts")).data(operands, options, io);
		case "lr":
			return (await import("./lr.ts")).lr(first, options, io);
		case "crossval":
			return (await import("./crossval.ts")).crossval(first, options, io);
		case "finalize":
			return (await import("./finalize.ts")).finalize(first, options, io);
		case "predict":
			return (await import("./predict.ts")).predict(operands, options, io);
		case "export":
			return (await import("./export.ts")).exportVerb(operands, options, io);
		case "diff":
			return (await import("./diff.ts")).diff(operands, options, io);
		case "reproduce":
			return (await import("./reproduce.ts")).reproduce(first, options, io);
		case "gate":
			return (await import("./gate.ts")).gate(first, options, io);
		case "report":
			return (await import("./report.ts")).report(first, options, io);
		case "compare":
			return (await import("./compare.ts")).compare(first, options, io);
		case "sweep":
			return (await import("./sweep.ts")).sweep(operands, options, io);
		case "task":
			return (await import("./task.ts")).task(operands, io);
		case "sync":
			return (await import("./sync.ts")).sync(operands, options, io);
		case "mlflow":
			return (await import("./mlflow.ts")).mlflow(options, io);
		case "setup":
			return (await import("./setup.ts")).setup(first, options, io);
		case "doctor":
			return (await import("./doctor.ts")).doctor(options, io);
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

function sayError(failure: RunError, json: boolean, io: Io): number {
	const { code, message, fix = null } = failure;
	if (json) {
		const value = { status: "FAILED", error: { code, message, fix } };
		io.stdout(`${JSON.stringify(value, null, 2)}\n`);
	}
	sayFailure(failure, io);
	return BAD_INPUT.has(code) ? EXIT.badInput : EXIT.runFailed;
}

/** What is wrong with the command line or the file, though it is found where the work is done. */
const BAD_INPUT = new Set([
	"bad-value",
	"crossval-random",
	"too-many-folds",
	"lr-classical",
]);

/** A fault of Graft itself, in the words of a failure. */
function ours(error: unknown): RunError {
	if (process.env.GRAFT_DEBUG) console.error(error);
	const message = error instanceof Error ? error.message : String(error);
	return new RunError("internal", message.replace(/^internal: /, ""), {
		fix: "this is a fault of Graft: please report it with the command; GRAFT_DEBUG=1 shows where it happened",
		cause: error,
	});
}

/** `graft ls | head` closes our stdout early, which is no failure; a full disk behind it is one. */
function onStdoutError(error: NodeJS.ErrnoException, io: Io): void {
	if (error.code === "EPIPE") process.exit(EXIT.ok);
	const failure = new RunError(
		"stdout-not-writable",
		`the result cannot be written: ${error.message}`,
		{ fix: "free space where stdout goes, or send it elsewhere" },
	);
	sayFailure(failure, io);
	process.exit(EXIT.runFailed);
}
