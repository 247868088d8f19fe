import { EXIT } from "../diagnostic.ts";
import { printDiagnostics } from "../diagnostic-print.ts";
import { runsFolder } from "../paths.ts";
import { type PredictedPhoto, predictPhotos, type Tta } from "../predict.ts";
import { encodeJson } from "../runs/json.ts";
import { printable, table } from "../text.ts";
import type { Options } from "./arguments.ts";
import { asking } from "./asking.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import type { Io } from "./io.ts";
import { wholeNumber } from "./numbers.ts";
import { findOneRun } from "./one-run.ts";
import { explainPhotos, refuseFile } from "./predict-explain.ts";

/** `graft predict RUN PHOTOS…`: what the run's network takes photos for, the likeliest classes first. */
export async function predict(
	[word = "", ...operands]: readonly string[],
	options: Options,
	io: Io,
): Promise<number> {
	const top =
		options.top === undefined ? 1 : wholeNumber("--top", options.top, 1);
	refuseFile(options.explain);
	const runs = runsFolder(options.runs);
	const found = findOneRun(runs, word, "graft predict");
	if (!found.ok) return sayDiagnostics(found.diagnostics, options.json, io);
	const { ask, end } = asking("photos", options, io);
	const result = await predictPhotos(found.value, operands, {
		...ask,
		// The parser has seen to it that it is one of them.
		...(options.tta !== undefined && { tta: options.tta as Tta }),
	});
	end();
	if (!result.ok) return sayDiagnostics(result.diagnostics, options.json, io);
	io.stderr(printDiagnostics(result.warnings, io));
	const { runId, classNames, photos, corrupt } = result.value;
	const pictures =
		options.explain === undefined
			? undefined
			: await explainPhotos(
					...[found.value, photos, options.explain, options, io],
				);
	for (const { path, reason } of corrupt)
		io.stderr(`left out  ${printable(path)}: ${printable(reason)}\n`);
	if (options.json)
		io.stdout(
			`${encodeJson(
				{
					...{ run_id: runId, classes: classNames, corrupt },
					photos: photos.map(({ path, predicted, probabilities }) => ({
						...{ path, class: classNames[predicted] },
						probability: probabilities[predicted],
						probabilities,
						...(pictures && { heat: pictures.get(path) ?? null }),
					})),
				},
				2,
			)}\n`,
		);
	else if (photos.length > 0)
		io.stdout(
			`${table(
				photos.map((photo) => [
					printable(photo.path),
					...likeliest(photo, classNames, top),
				]),
				["left", ...Array(top).fill("left")],
			).join("\n")}\n`,
		);
	return photos.length === 0 ? EXIT.runFailed : EXIT.ok;
}

/** `bird 0.93`, the likeliest first. */
function likeliest(
	{ probabilities }: PredictedPhoto,
	classNames: readonly string[],
	top: number,
): readonly string[] {
	return probabilities
		.map((share, index) => [share, index] as const)
		.sort(([a], [b]) => b - a)
		.slice(0, top)
		.map(
			([share, index]) =>
				`${printable(classNames[index] ?? "")} ${share.toFixed(3)}`,
		);
}
