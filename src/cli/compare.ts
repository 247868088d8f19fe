import { join, relative, resolve } from "node:path";
import { thumbnail } from "../data/thumbnail.ts";
import { EXIT, RunError } from "../diagnostic.ts";
import { toYaml } from "../experiment/write.ts";
import { runsFolder } from "../paths.ts";
import { encodeJson } from "../runs/json.ts";
import { photosIn } from "../runs/labels.ts";
import { readRun } from "../runs/record.ts";
import { compareTrials } from "../sweep/compare/compare.ts";
import { comparisonJson } from "../sweep/compare/json.ts";
import { type ExtrasOf, readDetails } from "../sweep/compare/page/details.ts";
import { comparisonPage } from "../sweep/compare/page/page.ts";
import { comparisonText } from "../sweep/compare/text.ts";
import { findSweep } from "../sweep/find-sweep.ts";
import { readTrials, trialsFolder } from "../sweep/folder.ts";
import { readStatus, type SweepStatus } from "../sweep/status.ts";
import type { Options } from "./arguments.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import type { Io } from "./io.ts";
import { writeOut } from "./write-out.ts";

/** The page's name in the sweep's folder. */
const PAGE_FILE = "compare.html";

/**
 * `graft compare SWEEP`: the table to stdout, the page into the sweep's folder or where `--out` says.
 * @param extrasOf what `graft report` adds about the best trial
 */
export async function compare(
	word: string,
	options: Options,
	io: Io,
	extrasOf?: ExtrasOf,
): Promise<number> {
	const found = findSweep(runsFolder(options.runs), word);
	if (!found.ok) return sayDiagnostics(found.diagnostics, options.json, io);
	const status = readStatus(found.value);
	const comparison = compareTrials(status, validPhotos(status));
	const page = options.out ?? join(status.folder, PAGE_FILE);
	const best = comparison.points[0]?.bestTrial;
	const details = await readDetails(
		...([status, best, resolve(page), thumbnail, extrasOf] as const),
	);
	writeOut(page, comparisonPage(comparison, details));
	if (options.json)
		io.stdout(`${encodeJson({ ...comparisonJson(comparison), page }, 2)}\n`);
	else {
		io.stdout(comparisonText(comparison, io));
		io.stdout(`\npage: ${relative(process.cwd(), page)}\n`);
		if (status.best !== undefined)
			io.stdout(`best: graft sweep best ${status.sweepId} -o best.yaml\n`);
	}
	return EXIT.ok;
}

/**
 * `graft sweep best SWEEP -o FILE`: the experiment of the best trial, which gives the same number when it is run alone.
 * @throws RunError "no-best" while no trial is finished
 */
export function writeBest(folder: string, options: Options, io: Io): number {
	const { best, sweepId, objective } = readStatus(folder);
	const trial = readTrials(folder).find(({ id }) => id === best?.trial);
	if (best === undefined || trial === undefined)
		throw new RunError("no-best", `no trial of ${sweepId} is finished`, {
			fix: "graft sweep status shows how far it is",
		});
	const value = best.metrics[objective.metric];
	const head = `# ${best.runId} of the sweep ${sweepId}: ${objective.metric} ${value}\n`;
	const yaml =
		head +
		toYaml({ ...trial.experiment, name: `${trial.experiment.name}-best` });
	if (options.out === undefined) io.stdout(yaml);
	else {
		writeOut(options.out, yaml);
		io.stdout(
			options.json
				? `${encodeJson({ sweep_id: sweepId, run_id: best.runId, params: best.values, metrics: best.metrics, file: options.out }, 2)}\n`
				: `${options.out}: ${best.runId}, ${objective.metric} ${value?.toFixed(4)}\n`,
		);
	}
	return EXIT.ok;
}

/** Of a sweep whose photos are the same in all trials. */
function validPhotos({ folder, trials }: SweepStatus): number | undefined {
	const varies = trials.some(({ values }) =>
		Object.keys(values).some((key) => key.startsWith("data.")),
	);
	const done = trials.find(({ status }) => status === "FINISHED");
	if (varies || done === undefined) return undefined;
	const { data } = readRun(join(trialsFolder(folder), done.runId));
	// Labels of one photo are not independent: nothing is said of how sure their share is.
	return data?.photos === undefined ? photosIn(data, "valid") : undefined;
}
