import { setTimeout as sleep } from "node:timers/promises";
import { type Diagnostic, EXIT } from "../diagnostic.ts";
import { nearest } from "../experiment/suggest.ts";
import { runsFolder } from "../paths.ts";
import { encodeJson } from "../runs/json.ts";
import { findSweep } from "../sweep/find-sweep.ts";
import { askToEnd, readManifest } from "../sweep/folder.ts";
import { readStatus, type SweepStatus } from "../sweep/status.ts";
import { sweepJson } from "../sweep/status-json.ts";
import { statusText } from "../sweep/status-text.ts";
import type { Options } from "./arguments.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import type { Io } from "./io.ts";

const ACTIONS = [
	"status",
	"watch",
	"resume",
	"cancel",
	"collect",
	"best",
] as const;

/** How often a sweep that goes on elsewhere is looked at. */
const WATCH_MS = 1_000;

/** How long `cancel` waits for what runs to end. */
const CANCEL_MS = 20_000;

/** `graft sweep status|watch|resume|cancel|collect [SWEEP]`. */
export async function sweep(
	[action = "", word = "latest"]: readonly string[],
	options: Options,
	io: Io,
): Promise<number> {
	const known = ACTIONS.find((name) => name === action);
	if (known === undefined)
		return sayDiagnostics([unknownAction(action)], options.json, io);
	const found = findSweep(runsFolder(options.runs), word);
	if (!found.ok) return sayDiagnostics(found.diagnostics, options.json, io);
	const folder = found.value;
	if ("slurm" in (readManifest(folder).experiment.sweep?.launcher ?? {}))
		return onSlurm(known, folder, options, io);
	switch (known) {
		case "status":
		case "collect":
			return sayStatus(readStatus(folder), options, io);
		case "watch":
			return watch(folder, options, io);
		case "resume":
			return (await import("./run-sweep.ts")).resumeSweep(folder, options, io);
		case "cancel":
			return cancel(folder, options, io);
		case "best":
			return (await import("./compare.ts")).writeBest(folder, options, io);
	}
}

async function onSlurm(
	action: (typeof ACTIONS)[number],
	folder: string,
	options: Options,
	io: Io,
): Promise<number> {
	const slurm = await import("./sweep-slurm.ts");
	switch (action) {
		case "status":
			return slurm.status(folder, options, io);
		case "watch":
			return slurm.watch(folder, options, io);
		case "resume":
			return slurm.submit(folder, options, io);
		case "cancel":
			return slurm.cancel(folder, options, io);
		case "collect":
			return slurm.collectOnce(folder, options, io);
		case "best":
			return (await import("./compare.ts")).writeBest(folder, options, io);
	}
}

function sayStatus(status: SweepStatus, options: Options, io: Io): number {
	io.stdout(
		options.json
			? `${encodeJson(sweepJson(status), 2)}\n`
			: statusText(status, io),
	);
	return EXIT.ok;
}

/** Until nobody works on it any more; then its status. */
async function watch(
	folder: string,
	options: Options,
	io: Io,
): Promise<number> {
	const { openWatch } = await import("./sweep-watch.ts");
	const view = openWatch(io, process.stderr);
	let status = readStatus(folder);
	while (status.status === "RUNNING") {
		view.show(status);
		await sleep(WATCH_MS);
		status = readStatus(folder);
	}
	view.end();
	return sayStatus(status, options, io);
}

/** Asks every runner to end, and waits until they have. */
async function cancel(
	folder: string,
	options: Options,
	io: Io,
): Promise<number> {
	askToEnd(folder);
	const end = performance.now() + CANCEL_MS;
	let status = readStatus(folder);
	while (status.status === "RUNNING" && performance.now() < end) {
		await sleep(100);
		status = readStatus(folder);
	}
	if (status.status === "RUNNING")
		io.stderr(
			"graft: what runs was asked to end and has not yet; graft sweep status shows when it has\n",
		);
	return sayStatus(status, options, io);
}

function unknownAction(action: string): Diagnostic {
	const near = nearest(action, ACTIONS);
	return {
		severity: "error",
		code: "bad-value",
		message: `graft sweep does not know "${action}"`,
		reason: `it takes ${ACTIONS.join(", ")}`,
		...(near === undefined
			? {}
			: { fix: `did you mean graft sweep ${near}?`, suggestion: near }),
	};
}
