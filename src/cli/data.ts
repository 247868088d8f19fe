import { checkData } from "../check-data.ts";
import { findingsText } from "../checks/text.ts";
import type { DataFindings } from "../checks/types.ts";
import type { Sample } from "../data/types.ts";
import { EXIT } from "../diagnostic.ts";
import { nearest } from "../experiment/suggest.ts";
import { progressLine } from "../features/progress.ts";
import { cacheFolder } from "../paths.ts";
import type { Options } from "./arguments.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import type { Io } from "./io.ts";
import { noteSweep } from "./note-sweep.ts";
import { preparedOrExit } from "./prepared.ts";

/** `graft data check FILE`: what is odd about its photos; exit 0 whatever is found. A signal ends it as crossval. */
export async function data(
	[action = "", file = ""]: readonly string[],
	options: Options,
	io: Io,
): Promise<number> {
	if (action !== "check" || file === "")
		return sayDiagnostics([unknownAction(action)], options.json, io);
	const skipping = {
		...options,
		sets: [...options.sets, "data.on_corrupt=skip"],
	};
	const prepared = await preparedOrExit(file, skipping, io);
	if (typeof prepared === "number") return prepared;
	noteSweep(prepared.loaded.experiment, io);
	const bar = progressLine("features", process.stderr);
	const findings = await checkData(prepared, {
		cacheFolder: cacheFolder(options.cache),
		onProgress: (progress) => bar.show(progress),
		onWarning: (code, message) =>
			io.stderr(`graft: warning ${code}: ${message}\n`),
		onStep: (step) => {
			bar.end();
			io.stderr(`${step}\n`);
		},
	});
	const classNames = prepared.dataset?.classNames ?? [];
	io.stdout(
		options.json
			? `${JSON.stringify(findingsJson(findings, classNames), null, 2)}\n`
			: findingsText(findings, classNames, io),
	);
	return EXIT.ok;
}

function findingsJson(findings: DataFindings, classNames: readonly string[]) {
	const photo = ({ path, label, split }: Sample) => ({
		path,
		label: classNames[label],
		split,
	});
	return {
		photos: findings.photos,
		duplicates: findings.duplicates.map((group) => ({
			kind: group.kind,
			photos: group.samples.map(photo),
			similarity: group.similarity,
			crosses_splits: group.crossesSplits,
			crosses_classes: group.crossesClasses,
		})),
		label_errors: findings.labelErrors.map((error) => ({
			...photo(error.sample),
			suggested: classNames[error.suggested],
			own_probability: error.ownProbability,
			suggested_probability: error.suggestedProbability,
		})),
		outliers: findings.outliers.map(({ sample, distance, score }) => ({
			...photo(sample),
			distance,
			score,
		})),
		corrupt: findings.corrupt,
		learning_curve: findings.learningCurve ?? null,
		balance: findings.balance,
	};
}

function unknownAction(action: string) {
	const near = nearest(action, ["check"]);
	return {
		severity: "error",
		code: "bad-value",
		message:
			action === "check"
				? "graft data check needs an experiment file"
				: `graft data does not know "${action}"`,
		reason: "it takes check FILE",
		fix:
			near === undefined || action === "check"
				? "write graft data check FILE"
				: "did you mean graft data check?",
	} as const;
}
