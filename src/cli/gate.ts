import { existsSync, statSync } from "node:fs";
import { relative } from "node:path";
import { type Diagnostic, EXIT } from "../diagnostic.ts";
import { printDiagnostics } from "../diagnostic-print.ts";
import { baselineFile } from "../experiment/resolve.ts";
import type { GateOptions } from "../experiment/types.ts";
import { progressLine } from "../features/progress.ts";
import { gateOptions, prepareSeeds, runSeeds } from "../gate.ts";
import { cacheFolder, runsFolder } from "../paths.ts";
import type { Prepared } from "../prepare.ts";
import type { RunListener } from "../run.ts";
import {
	nextBaseline,
	probeBaseline,
	readBaseline,
	writeBaseline,
} from "../runs/gate/baseline-file.ts";
import { judge } from "../runs/gate/judge.ts";
import { gateResults } from "../runs/gate/results.ts";
import type { Baseline, GateResults } from "../runs/gate/types.ts";
import { readRun } from "../runs/record.ts";
import { printable } from "../text.ts";
import { graftVersion } from "../versions.ts";
import type { Options } from "./arguments.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import { downloadLine } from "./download-line.ts";
import { publish } from "./gate-publish.ts";
import type { Io } from "./io.ts";
import { noteSweep } from "./note-sweep.ts";
import { findOneRun } from "./one-run.ts";
import { decided } from "./strategy.ts";

/** What is gated, before its runs are there. */
interface Subject {
	readonly name: string;
	/** The experiment's file, for annotations. */
	readonly file: string;
	/** Line of its `gate` section, 1-based. */
	readonly line: number;
	readonly options: GateOptions;
	/** Runs it, or reads its run. @throws RunError where that failed. */
	readonly measure: () => Promise<Measured>;
}

interface Measured {
	readonly results: GateResults;
	readonly runs: readonly string[];
}

/** `graft gate FILE|RUN`: exit 0 where nothing fell, 3 where something did, 2 without a baseline. */
export async function gate(
	operand: string,
	options: Options,
	io: Io,
): Promise<number> {
	const began = performance.now();
	const isFile = existsSync(operand) && statSync(operand).isFile();
	const looksLikeFile = isFile || /\.ya?ml$/i.test(operand);
	const misused = misuse(looksLikeFile, options);
	if (misused !== undefined) return sayDiagnostics([misused], options.json, io);
	const subject = looksLikeFile
		? await ofFile(operand, options, io)
		: ofRun(operand, options, io);
	if (typeof subject === "number") return subject;
	const previous = previousBaseline(subject, options, io);
	if (typeof previous === "number") return previous;
	const { baseline } = previous;
	const measured = await subject.measure();
	if (baseline === undefined || options.flags.has("update"))
		return update(subject, measured, baseline, options, io);
	const verdict = judge(baseline, measured.results, subject.options);
	const isPublished = publish(
		{
			...{ name: subject.name, file: subject.file, line: subject.line },
			...{ baseline: subject.options.baseline, verdict },
			runs: measured.runs,
			seconds: (performance.now() - began) / 1000,
		},
		options,
		io,
	);
	if (verdict.status === "fail") return EXIT.gateFailed;
	return isPublished ? EXIT.ok : EXIT.runFailed;
}

/** Options that say nothing to what is gated. */
function misuse(isFile: boolean, options: Options): Diagnostic | undefined {
	const isUpdate = options.flags.has("update");
	if (isUpdate && !isFile)
		return mistake(
			"gate-run",
			"a baseline is made of several seeds, and a run has one",
			"graft gate FILE --update --reason TEXT",
		);
	if (options.sets.length > 0 && !isFile)
		return mistake(
			"gate-run",
			"a run is judged as it is: --set changes experiment files",
			"graft gate FILE --set KEY=VALUE",
		);
	if (options.reason !== undefined && !isUpdate)
		return mistake(
			"gate-reason",
			"--reason is kept with a new baseline, and none is made",
			"add --update, or leave --reason out",
		);
	return undefined;
}

/** What the new results are held against, or replace; an exit code where nothing can come of it, said before anything runs. */
function previousBaseline(
	subject: Subject,
	options: Options,
	io: Io,
): { readonly baseline: Baseline | undefined } | number {
	const file = subject.options.baseline;
	const isUpdate = options.flags.has("update");
	const hasReason = Boolean(options.reason?.trim());
	const read = readBaseline(file);
	if (isUpdate) probeBaseline(file);
	if (!read.ok) {
		const isDamaged = read.diagnostics[0]?.code === "bad-baseline";
		if (!isUpdate || !isDamaged || !hasReason)
			return sayDiagnostics(read.diagnostics, options.json, io);
		io.stderr(
			`graft: warning bad-baseline: ${shown(file)} is damaged: it is written anew, without the history that git has of it\n`,
		);
		return { baseline: undefined };
	}
	const baseline = read.value;
	if (baseline === undefined)
		return isUpdate ? { baseline } : sayNoBaseline(subject, options, io);
	if (isUpdate && !hasReason) return sayNoReason(subject, options, io);
	if (baseline.experiment !== subject.name && !isUpdate)
		io.stderr(
			`graft: warning other-baseline: ${shown(file)} is the baseline of "${printable(String(baseline.experiment))}", not of "${printable(subject.name)}"\n`,
		);
	return { baseline };
}

async function ofFile(
	file: string,
	options: Options,
	io: Io,
): Promise<Subject | number> {
	const cache = cacheFolder(options.cache);
	const auto = await decided(file, options, io);
	if (typeof auto === "number") return auto;
	const prepared = await prepareSeeds(file, {
		sets: auto.options.sets,
		cacheFolder: cache,
		fetching: downloadLine(process.stderr),
	});
	if (!prepared.ok)
		return sayDiagnostics(prepared.diagnostics, options.json, io);
	io.stderr(printDiagnostics(prepared.warnings, io));
	const first = prepared.value[0];
	if (first === undefined) throw new Error("internal: no seed was prepared");
	const { experiment, locate } = first.loaded;
	noteSweep(experiment, io);
	return {
		name: experiment.name,
		...{ file, line: locate(["gate"])?.range.line ?? 1 },
		options: gateOptions(experiment, baselineFile(file)),
		measure: () => measure(prepared.value, options, io),
	};
}

async function measure(
	prepared: readonly Prepared[],
	options: Options,
	io: Io,
): Promise<Measured> {
	const killed = new AbortController();
	const stop = endOnSignals(killed, options, io);
	const { done, failed } = await runSeeds(prepared, {
		cacheFolder: cacheFolder(options.cache),
		runsFolder: runsFolder(options.runs),
		argv: process.argv.slice(2),
		signal: killed.signal,
		report: false,
		listener: quiet(io),
		onSeed: (seed, place, of) => io.stderr(`seed ${seed}  ${place} of ${of}\n`),
	});
	stop();
	if (failed !== undefined)
		throw failed.error ?? new Error(`run ${failed.runId} did not finish`);
	const { results, runs } = done;
	return { results, runs: runs.map(({ runId }) => runId) };
}

function ofRun(word: string, options: Options, io: Io): Subject | number {
	const found = findOneRun(runsFolder(options.runs), word, "graft gate");
	if (!found.ok) return sayDiagnostics(found.diagnostics, options.json, io);
	const record = readRun(found.value);
	const { experiment, source } = record;
	return {
		...{ name: experiment.name, file: source, line: 1 },
		options: gateOptions(experiment, baselineFile(source)),
		measure: async () => ({
			results: gateResults([record]),
			runs: [record.runId],
		}),
	};
}

function update(
	{ name, options: { baseline: file } }: Subject,
	{ results }: Measured,
	previous: Baseline | undefined,
	options: Options,
	io: Io,
): number {
	const { reason } = options;
	const next = nextBaseline(results, previous, {
		...{ experiment: name, graft: graftVersion() },
		reason: reason?.trim() || "first baseline",
		when: new Date().toISOString(),
	});
	writeBaseline(file, next);
	const accuracy = next.history.at(-1)?.accuracy ?? Number.NaN;
	io.stdout(
		options.json
			? asJson({ status: "updated", baseline: file, accuracy })
			: `${shown(file)}: valid accuracy ${accuracy.toFixed(4)}, ${next.seeds.length} seeds, ${next.photos.length} photos; commit it\n`,
	);
	return EXIT.ok;
}

function sayNoReason(
	{ options: { baseline } }: Subject,
	options: Options,
	io: Io,
): number {
	const diagnostic = mistake(
		"gate-reason",
		`${shown(baseline)} is there already, and no reason was given to replace it`,
		"add --reason TEXT: it is kept in the file's history",
	);
	return sayDiagnostics([diagnostic], options.json, io);
}

function sayNoBaseline(
	{ options: { baseline }, file }: Subject,
	options: Options,
	io: Io,
): number {
	const fix = `graft gate ${file} --update, look at the numbers, and commit ${shown(baseline)}`;
	if (options.json)
		io.stdout(asJson({ status: "no_baseline", checks: [], flipped: [] }));
	io.stderr(
		`graft: error no-baseline: there is no baseline at ${shown(baseline)}\n  fix: ${fix}\n`,
	);
	return EXIT.badInput;
}

function quiet(io: Io): RunListener {
	const bar = progressLine("features", process.stderr);
	return {
		onStart: (runId) => io.stderr(`run ${runId}\n`),
		onFeatures: (progress) => bar.show(progress),
		onRows: () => bar.end(),
		onEpoch: () => undefined,
		onWarning: (code, message) =>
			io.stderr(`graft: warning ${code}: ${message}\n`),
	};
}

/** The run that is under way ends as KILLED. */
function endOnSignals(
	killed: AbortController,
	{ json }: Options,
	io: Io,
): () => void {
	const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
	const end = () => {
		killed.abort(new Error("killed"));
		io.stderr("\ngraft: gate ended; finished runs and features are kept\n");
		const message = "the gate was ended by a signal";
		const error = { code: "killed", message, fix: "start it again" };
		if (json) io.stdout(asJson({ status: "KILLED", error }));
		process.exit(EXIT.killed);
	};
	for (const signal of signals) process.on(signal, end);
	return () => {
		for (const signal of signals) process.off(signal, end);
	};
}

function mistake(code: string, message: string, fix: string): Diagnostic {
	return { severity: "error", code, message, fix };
}

function shown(file: string): string {
	return relative(process.cwd(), file) || file;
}

function asJson(value: unknown): string {
	return `${JSON.stringify(value, null, 2)}\n`;
}
