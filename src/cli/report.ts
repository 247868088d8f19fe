import { join, relative } from "node:path";
import { thumbnail } from "../data/thumbnail.ts";
import { EXIT } from "../diagnostic.ts";
import { runsFolder } from "../paths.ts";
import { findRun } from "../runs/find-run.ts";
import { encodeJson } from "../runs/json.ts";
import { readRun } from "../runs/record.ts";
import { buildReport, REPORT_FILE } from "../runs/report/build.ts";
import type { ReportExtras } from "../runs/report/extras.ts";
import type { RunRecord } from "../runs/types.ts";
import { isSweep } from "../sweep/folder.ts";
import { count } from "../text.ts";
import type { Options } from "./arguments.ts";
import { asking } from "./asking.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import type { Io } from "./io.ts";
import { tryOut, writeOut } from "./write-out.ts";

/** `graft report RUN`: the page of a run, made anew from its journal, with heat maps and checks; of a sweep, its comparison with the same of its best trial. */
export async function report(
	word: string,
	options: Options,
	io: Io,
): Promise<number> {
	const found = findRun(runsFolder(options.runs), word);
	if (!found.ok) return sayDiagnostics(found.diagnostics, options.json, io);
	const folder = found.value;
	if (options.out !== undefined) tryOut(options.out);
	if (isSweep(folder)) {
		const { compare } = await import("./compare.ts");
		const best = (record: RunRecord) => extrasOf(record, options, io);
		return compare(folder, options, io, best);
	}
	const start = performance.now();
	const record = readRun(folder);
	const extras = await extrasOf(record, options, io);
	const page = options.out ?? join(folder, REPORT_FILE);
	writeOut(page, await buildReport(record, thumbnail, extras));
	const seconds = (performance.now() - start) / 1000;
	const { heat, noHeat, heatMethod } = extras;
	if (options.json) {
		const said = {
			...{ page, heat_maps: heat?.size ?? 0, method: heatMethod ?? null },
			...{ no_heat: noHeat ?? null, checks: extras.checks ?? null },
			seconds: Math.round(seconds * 1000) / 1000,
		};
		io.stdout(`${encodeJson(said, 2)}\n`);
		return EXIT.ok;
	}
	if (noHeat !== undefined) io.stderr(`no heat maps: ${noHeat}\n`);
	const maps =
		heat === undefined
			? ""
			: `${count(heat.size, "heat map")} (${heatMethod}), `;
	io.stdout(
		`report: ${relative(process.cwd(), page)}  (${maps}${seconds.toFixed(1)} s)\n`,
	);
	return EXIT.ok;
}

async function extrasOf(
	record: RunRecord,
	{ flags, ...options }: Options,
	io: Io,
): Promise<ReportExtras> {
	if (flags.has("no-heat") && flags.has("no-checks")) return {};
	// The network's modules are loaded only for what needs them.
	const { checkExtras, heatExtras } = await import("../report-extras.ts");
	const { ask, end } = asking("heat maps", { flags, ...options }, io);
	const heat = flags.has("no-heat") ? {} : await heatExtras(record, ask);
	end();
	const checks = flags.has("no-checks") ? {} : await checkExtras(record, ask);
	end();
	return { ...heat, ...checks };
}
