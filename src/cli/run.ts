import { EXIT } from "../diagnostic.ts";
import { progressLine } from "../features/progress.ts";
import { cacheFolder, runsFolder } from "../paths.ts";
import { planJson } from "../plan/json.ts";
import { printPlan } from "../plan/print.ts";
import type { Prepared } from "../prepare.ts";
import { type RunListener, runExperiment } from "../run.ts";
import type { Resumption } from "../runs/resume.ts";
import { stopText } from "../runs/stop-text.ts";
import type { Decision } from "../strategy/types.ts";
import { count, printable } from "../text.ts";
import { choiceText } from "../train/classical/choice-text.ts";
import type { Options } from "./arguments.ts";
import { sayFailure } from "./diagnostics.ts";
import { epochLine } from "./epoch-line.ts";
import type { Io } from "./io.ts";
import { planHere } from "./plan-input.ts";
import { preparedOrExit } from "./prepared.ts";
import {
	agreementJson,
	asJson,
	type Begun,
	killedJson,
	loss4,
	outcomeJson,
	outcomeText,
} from "./run-outcome.ts";
import { decided } from "./strategy.ts";
import { openTracking, trackedJson } from "./tracking.ts";

/** `graft run FILE`: the plan and the progress to stderr, the outcome to stdout. */
export async function run(
	file: string,
	options: Options,
	io: Io,
): Promise<number> {
	const found = await decided(file, options, io);
	if (typeof found === "number") return found;
	const prepared = await preparedOrExit(file, found.options, io);
	if (typeof prepared === "number") return prepared;
	const { decision } = found;
	return runPrepared(file, prepared, options, io, undefined, decision);
}

/** The same, once the file is read. @param resume a run that ended before its time and goes on */
export async function runPrepared(
	file: string,
	prepared: Prepared,
	options: Options,
	io: Io,
	resume?: Resumption,
	strategy?: Decision,
): Promise<number> {
	// The process itself began a little earlier than its code.
	const startedAt = 0;
	const cache = cacheFolder(options.cache);
	const input = planHere(file, prepared, cache, false);
	const plan = { text: printPlan(input), json: planJson(input) };
	io.stderr(`${plan.text}\n`);

	const killed = new AbortController();
	const begun: Begun = { metrics: {}, history: [] };
	const tracking = openTracking(prepared.loaded.experiment, io);
	const stop = endOnSignals(
		killed,
		io,
		tracking.isOn,
		async () => {
			const { runId } = begun;
			// Without a server nothing is awaited: the process ends in this very turn.
			const tracked =
				tracking.isOn && runId !== undefined
					? await tracking.finish(runId, KILLED_WAIT)
					: undefined;
			const mlflow = tracked && { mlflow: trackedJson(tracked) };
			if (options.json) io.stdout(asJson({ ...killedJson(begun), ...mlflow }));
		},
		() => howOn(begun),
	);
	const running = runExperiment(prepared, {
		runsFolder: runsFolder(options.runs),
		cacheFolder: cache,
		argv: process.argv.slice(2),
		startedAt,
		plan,
		...(resume && { resume }),
		...(strategy && { strategy }),
		signal: killed.signal,
		listener: talk(io, begun, tracking.start),
	});
	const outcome = await unlessAborted(running, killed.signal);
	stop();
	if (outcome.stop) io.stderr(`${stopText(outcome.stop)}\n`);
	const tracked = await tracking.finish(outcome.runId);
	const mlflow = tracked && { mlflow: trackedJson(tracked) };
	io.stdout(
		options.json
			? asJson({
					...outcomeJson(outcome),
					...(strategy && { strategy }),
					...{ ...agreementJson(begun), ...mlflow },
				})
			: outcomeText(outcome),
	);
	if (outcome.error === undefined) return EXIT.ok;
	sayFailure(outcome.error, io);
	return EXIT.runFailed;
}

/** What a person whose run was ended wants to know. */
function howOn({ runId }: Begun): string {
	return runId === undefined
		? "finished features are kept"
		: `finished features are kept, and graft run --resume ${runId} goes on`;
}

/** Seconds in which a server may take the rest of a run that was ended by a signal. */
const KILLED_WAIT = 2.5;

/**
 * Ctrl-C and a request to end: the journal ends as KILLED, and the process at once, or where the run is sent to a
 * server once that has the rest, soon. A second signal ends it there and then.
 */
function endOnSignals(
	killed: AbortController,
	io: Io,
	isSent: boolean,
	sayOutcome: () => Promise<void>,
	howOn: () => string,
): () => void {
	const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
	const exit = () => process.exit(EXIT.killed);
	const end = () => {
		if (killed.signal.aborted) exit();
		killed.abort(new Error("killed"));
		io.stderr(`\ngraft: run ended as KILLED; ${howOn()}\n`);
		const said = sayOutcome();
		if (!isSent) exit();
		said.finally(exit);
	};
	for (const signal of signals) process.on(signal, end);
	return () => {
		for (const signal of signals) process.off(signal, end);
	};
}

/** What a run comes to; of one that was ended by a signal nothing, for the process is about to end. */
async function unlessAborted<T>(
	running: Promise<T>,
	signal: AbortSignal,
): Promise<T> {
	try {
		const outcome = await running;
		if (!signal.aborted) return outcome;
	} catch (error) {
		if (!signal.aborted) throw error;
	}
	return new Promise(() => undefined);
}

function talk(
	io: Io,
	begun: Begun,
	onFolder: (folder: string) => void,
): RunListener {
	const bar = progressLine("features", process.stderr);
	const inEpoch = epochLine(process.stderr);
	let isLive = false;
	return {
		onStart: (runId, folder) => {
			Object.assign(begun, { runId, folder });
			io.stderr(`run ${runId}\n`);
			onFolder(folder);
		},
		onFeatures: (progress) => bar.show(progress),
		onRows: ({ cached, computed, dataset, agreement, live }) => {
			bar.end();
			Object.assign(begun, agreement && { rows: agreement });
			io.stderr(`features  ${computed} computed, ${cached} from the cache\n`);
			isLive = live !== undefined;
			if (live !== undefined)
				io.stderr(
					`          ${count(live.labels.length, "train photo")} drawn anew each epoch, batch by batch in training\n`,
				);
			if (agreement !== undefined)
				io.stderr(
					`          cosine with float32 ${agreement.cosine.toFixed(4)}, least ${agreement.leastCosine.toFixed(4)}, over ${count(agreement.photos, "valid photo")}\n`,
				);
			for (const { path, reason } of dataset.corrupt)
				io.stderr(`left out  ${printable(path)}: ${printable(reason)}\n`);
		},
		onAgreement: (classes) => {
			begun.classes = classes;
			const { photos, agreement } = classes;
			io.stderr(
				`agreement ${(100 * agreement).toFixed(1)} % of ${count(photos, "valid photo")} get the class that float32 gives them\n`,
			);
		},
		// Of rows that are held an epoch is short.
		onPhotos: (photos) => {
			if (isLive) inEpoch.show(photos);
		},
		onEpoch: (event, epochs) => {
			inEpoch.clear();
			begun.history.push(event);
			begun.metrics = {
				"train/loss": event.trainLoss,
				"train/accuracy": event.trainAccuracy,
				"valid/loss": event.validLoss,
				"valid/accuracy": event.validAccuracy,
			};
			const digits = String(epochs).length;
			const values = [
				`train loss ${loss4(event.trainLoss)}`,
				`accuracy ${event.trainAccuracy.toFixed(3)}`,
				`valid loss ${loss4(event.validLoss)}`,
				`accuracy ${event.validAccuracy.toFixed(3)}`,
			];
			io.stderr(
				`epoch ${String(event.epoch).padStart(digits)}/${epochs}  ${[...(event.phase === undefined ? [] : [printable(event.phase)]), ...values].join("  ")}\n`,
			);
		},
		onChoice: (path) => io.stderr(choiceText(path)),
		onWarning: (code, message) => {
			inEpoch.clear();
			io.stderr(`graft: warning ${code}: ${message}\n`);
		},
	};
}
