import { basename } from "node:path";
import { EXIT } from "../diagnostic.ts";
import { printDiagnostics } from "../diagnostic-print.ts";
import { cacheFolder, runsFolder } from "../paths.ts";
import { encodeJson } from "../runs/json.ts";
import {
	folderOfState,
	openResumption,
	placeOf,
	resumable,
} from "../runs/resume.ts";
import type { RunRecord } from "../runs/types.ts";
import { printable } from "../text.ts";
import { prepareAgain } from "../trained.ts";
import type { Options } from "./arguments.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import { downloadLine } from "./download-line.ts";
import type { Io } from "./io.ts";
import { findOneRun } from "./one-run.ts";
import { runPrepared } from "./run.ts";

/** `graft run --resume RUN`: a run that was killed or failed goes on from its last state, in its own folder. */
export async function resume(
	word: string,
	options: Options,
	io: Io,
): Promise<number> {
	const stateFolder = folderOfState(word);
	const found =
		stateFolder === undefined
			? findOneRun(runsFolder(options.runs), word, "graft run --resume")
			: { ok: true as const, value: stateFolder };
	if (!found.ok) return sayDiagnostics(found.diagnostics, options.json, io);
	const record = resumable(found.value);
	const { runId, folder, fingerprint } = record;
	if (record.status === "FINISHED") return sayFinished(record, options, io);
	const prepared = await prepareAgain(
		record,
		cacheFolder(options.cache),
		downloadLine(process.stderr),
	);
	if (!prepared.ok)
		return sayDiagnostics(prepared.diagnostics, options.json, io);
	io.stderr(printDiagnostics(prepared.warnings, io));
	const resumption = await openResumption(
		folder,
		{ runId, fingerprint },
		stateFolder && word,
	);
	for (const { code, message } of resumption.warnings)
		io.stderr(`graft: warning ${code}: ${printable(message)}\n`);
	const { epoch, step } = placeOf(resumption);
	io.stderr(
		resumption.state === undefined
			? `run ${runId} had kept no state: it trains from the start\n`
			: `run ${runId} goes on in epoch ${epoch + 1}, after step ${step}\n`,
	);
	const { file } = prepared.value.loaded;
	return runPrepared(file, prepared.value, options, io, resumption);
}

/** Not an error: whoever starts it again until it is done is done. */
function sayFinished(record: RunRecord, { json }: Options, io: Io): number {
	const { runId, folder, finalMetrics: metrics } = record;
	const value = { run_id: runId, status: "FINISHED", run_dir: folder, metrics };
	io.stderr(`run ${runId} has finished: nothing is left to do\n`);
	io.stdout(
		json ? `${encodeJson(value, 2)}\n` : `${basename(folder)}  FINISHED\n`,
	);
	return EXIT.ok;
}
