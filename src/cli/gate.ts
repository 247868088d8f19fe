import { appendFileSync, existsSync, statSync } from "node:fs";
import { relative } from "node:path";
import { EXIT } from "../diagnostic.ts";
import { printDiagnostics } from "../diagnostic-print.ts";
import { baselineFile } from "../experiment/resolve.ts";
import type { GateOptions } from "../experiment/types.ts";
import { progressLine } from "../features/progress.ts";
import { gateOptions, prepareSeeds, runSeeds } from "../gate.ts";
import { cacheFolder, runsFolder } from "../paths.ts";
import type { Prepared } from "../prepare.ts";
import type { RunListener } from "../run.ts";
import { findRun } from "../runs/find-run.ts";
import { verdictAnnotations } from "../runs/gate/annotations.ts";
import {
	nextBaseline,
	readBaseline,
	writeBaseline,
} from "../runs/gate/baseline-file.ts";
import { judge } from "../runs/gate/judge.ts";
import { verdictJunit } from "../runs/gate/junit.ts";
import { verdictMarkdown } from "../runs/gate/markdown.ts";
import { gateResults } from "../runs/gate/results.ts";
import { verdictText } from "../runs/gate/text.ts";
import type { Baseline, GateResults, Verdict } from "../runs/gate/types.ts";
import { readRun } from "../runs/record.ts";
import { graftVersion } from "../versions.ts";
import type { Options } from "./arguments.ts";
import { sayDiagnostics, sayFailure } from "./diagnostics.ts";
import type { Io } from "./io.ts";
import { writeOut } from "./write-out.ts";

/** What is gated, before its runs are there. */
interface Subject {
	readonly name: string;
	/** The experiment's file, for annotations. */
	readonly file: string;
	/** Line of its `gate` section, 1-based. */
	readonly line: number;
	readonly options: GateOptions;
	/** Runs it, or reads its run; an exit code where that failed. */
	readonly measure: () => Promise<Measured | number>;
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
	if (options.flags.has("update") && !looksLikeFile)
		return refuse(
			"gate-run",
			"a baseline is made of several seeds, and a run has one",
			"graft gate FILE --update --reason TEXT",
			options,
			io,
		);
	const subject = looksLikeFile
		? await ofFile(operand, options, io)
		: ofRun(operand, options, io);
	if (typeof subject === "number") return subject;
	const baseline = readBaseline(subject.options.baseline);
	if (!baseline.ok)
		return sayDiagnostics(baseline.diagnostics, options.json, io);
	const isUpdate = options.flags.has("update");
	// What nothing can come of is said before anything runs.
	if (baseline.value === undefined && !isUpdate)
		return sayNoBaseline(subject, options, io);
	if (baseline.value !== undefined && isUpdate && !options.reason?.trim())
		return sayNoReason(subject, options, io);
	const measured = await subject.measure();
	if (typeof measured === "number") return measured;
	if (baseline.value === undefined || isUpdate)
		return update(subject, measured, baseline.value, options, io);
	const verdict = judge(baseline.value, measured.results, subject.options);
	const seconds = (performance.now() - began) / 1000;
	publish(subject, verdict, measured.runs, seconds, options, io);
	return verdict.status === "pass" ? EXIT.ok : EXIT.gateFailed;
}

async function ofFile(
	file: string,
	options: Options,
	io: Io,
): Promise<Subject | number> {
	const cache = cacheFolder(options.cache);
	const prepared = await prepareSeeds(file, {
		sets: options.sets,
		cacheFolder: cache,
	});
	if (!prepared.ok)
		return sayDiagnostics(prepared.diagnostics, options.json, io);
	io.stderr(printDiagnostics(prepared.warnings, io));
	const first = prepared.value[0];
	if (first === undefined) throw new Error("internal: no seed was prepared");
	const { experiment, locate } = first.loaded;
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
): Promise<Measured | number> {
	const killed = new AbortController();
	const stop = endOnSignals(killed, io);
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
	if (failed !== undefined) {
		if (failed.error !== undefined) sayFailure(failed.error, io);
		return EXIT.runFailed;
	}
	const { results, runs } = done;
	return { results, runs: runs.map(({ runId }) => runId) };
}

function ofRun(word: string, options: Options, io: Io): Subject | number {
	const found = findRun(runsFolder(options.runs), word);
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
	return refuse(
		"gate-reason",
		`${shown(baseline)} is there already, and no reason was given to replace it`,
		"add --reason TEXT: it is kept in the file's history",
		options,
		io,
	);
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

/** Table or JSON to stdout, and the other forms where they are asked for or where GitHub reads them. */
function publish(
	subject: Subject,
	verdict: Verdict,
	runs: readonly string[],
	seconds: number,
	options: Options,
	io: Io,
): void {
	io.stdout(
		options.json
			? verdictJson(subject, verdict, runs)
			: verdictText(verdict, io),
	);
	const { junit, markdown } = options;
	if (junit !== undefined)
		writeOut(junit, verdictJunit(subject.name, verdict, seconds));
	const page = verdictMarkdown(subject.name, verdict);
	if (markdown !== undefined) writeOut(markdown, page);
	const { GITHUB_STEP_SUMMARY, GITHUB_ACTIONS } = process.env;
	if (GITHUB_STEP_SUMMARY) appendFileSync(GITHUB_STEP_SUMMARY, page);
	if (GITHUB_ACTIONS !== "true") return;
	const file = relative(process.cwd(), subject.file);
	for (const line of verdictAnnotations(file, subject.line, verdict))
		io.stderr(`${line}\n`);
}

function verdictJson(
	{ options }: Subject,
	{ status, checks, flipped, mended }: Verdict,
	runs: readonly string[],
): string {
	return asJson({
		status,
		checks: checks.map((check) => ({
			name: check.name,
			baseline: check.baseline ?? null,
			current: check.current ?? null,
			allowed: check.allowed ?? null,
			p_value: check.pValue ?? null,
			status: check.status,
			reason: check.says,
		})),
		flipped: flipped.map(({ path }) => path),
		mended: mended.map(({ path }) => path),
		baseline: options.baseline,
		runs,
	});
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

function endOnSignals(killed: AbortController, io: Io): () => void {
	const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
	const end = () => {
		killed.abort(new Error("killed"));
		io.stderr("\ngraft: gate ended; finished runs and features are kept\n");
		process.exit(EXIT.killed);
	};
	for (const signal of signals) process.on(signal, end);
	return () => {
		for (const signal of signals) process.off(signal, end);
	};
}

function refuse(
	code: string,
	message: string,
	fix: string,
	{ json }: Options,
	io: Io,
): number {
	return sayDiagnostics([{ severity: "error", code, message, fix }], json, io);
}

function shown(file: string): string {
	return relative(process.cwd(), file) || file;
}

function asJson(value: unknown): string {
	return `${JSON.stringify(value, null, 2)}\n`;
}
