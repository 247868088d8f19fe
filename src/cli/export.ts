import { relative } from "node:path";
import { EXIT, RunError } from "../diagnostic.ts";
import { printDiagnostics } from "../diagnostic-print.ts";
import { nearest } from "../experiment/suggest.ts";
import { exportRun } from "../export/export-run.ts";
import type { Quantize } from "../export/tfjs/model-json.ts";
import { EXPORT_FORMATS, type ExportFormat } from "../export/writer.ts";
import { runsFolder } from "../paths.ts";
import { encodeJson } from "../runs/json.ts";
import { count, bytes as sizeText } from "../text.ts";
import type { Options } from "./arguments.ts";
import { asking } from "./asking.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import type { Io } from "./io.ts";
import { findOneRun } from "./one-run.ts";

/** `graft export RUN --to FORMAT`: the whole network in a folder of its own. */
export async function exportVerb(
	[word = "", ...photos]: readonly string[],
	options: Options,
	io: Io,
): Promise<number> {
	const format = formatOf(options.to);
	const quantize = quantizeOf(options.quantize, format);
	const found = findOneRun(runsFolder(options.runs), word, "graft export");
	if (!found.ok) return sayDiagnostics(found.diagnostics, options.json, io);
	const { ask, end } = asking("photos", options, io);
	const out = options.out ?? `${lastPart(found.value)}-${format}`;
	const result = await exportRun(found.value, format, out, photos, {
		...ask,
		quantize,
	});
	end();
	if (!result.ok) return sayDiagnostics(result.diagnostics, options.json, io);
	io.stderr(printDiagnostics(result.warnings, io));
	const { runId, folder, files, bytes, parity } = result.value;
	if (options.json) {
		io.stdout(
			`${encodeJson(
				{
					...{ run_id: runId, format, folder, files, bytes },
					parity: {
						photos: parity.photos,
						top1_agreement: 1,
						largest_difference: parity.largestDifference ?? null,
					},
				},
				2,
			)}\n`,
		);
		return EXIT.ok;
	}
	const difference =
		parity.largestDifference === undefined
			? ""
			: `, largest difference of a probability ${parity.largestDifference.toExponential(1)}`;
	io.stdout(
		`${relative(process.cwd(), folder) || folder}: ${listed(files)} (network: ${sizeText(bytes)})\n` +
			`checked on ${count(parity.photos, "photo")}: all get the run's own answer${difference}\n`,
	);
	return EXIT.ok;
}

/** Shards in one word. */
function listed(files: readonly string[]): string {
	const shards = files.filter((name) => name.endsWith(".bin"));
	const others = files.filter((name) => !name.endsWith(".bin"));
	return [
		...others.slice(0, 1),
		...(shards.length > 0 ? [count(shards.length, "shard")] : []),
		...others.slice(1),
	].join(", ");
}

function formatOf(given: string | undefined): ExportFormat {
	const format = EXPORT_FORMATS.find((each) => each === given);
	if (format !== undefined) return format;
	const near = given === undefined ? undefined : nearest(given, EXPORT_FORMATS);
	throw new RunError(
		"bad-value",
		given === undefined
			? "export needs a format"
			: `--to is "${given}", expected ${EXPORT_FORMATS.join(" or ")}`,
		{ fix: near ? `did you mean "${near}"?` : "write --to onnx" },
	);
}

function quantizeOf(
	given: string | undefined,
	format: ExportFormat,
): Quantize | undefined {
	if (given === undefined || format === "tfjs") return given as Quantize;
	throw new RunError(
		"bad-value",
		`--quantize makes the weights of a tfjs export smaller; ${format} keeps them as they are`,
		{ fix: "leave --quantize out, or write --to tfjs" },
	);
}

function lastPart(folder: string): string {
	return folder.split(/[\\/]/).findLast((part) => part !== "") ?? "run";
}
