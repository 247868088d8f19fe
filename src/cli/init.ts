import { existsSync } from "node:fs";
import { basename, dirname, relative, resolve } from "node:path";
import { EXIT } from "../diagnostic.ts";
import { printDiagnostics } from "../diagnostic-print.ts";
import { progressLine } from "../features/progress.ts";
import { findingsLines } from "../init/findings-lines.ts";
import { type InitFindings, initFrom } from "../init/init.ts";
import { initYaml } from "../init/yaml.ts";
import { cacheFolder } from "../paths.ts";
import { prepare } from "../prepare.ts";
import { printable } from "../text.ts";
import type { Options } from "./arguments.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import type { Io } from "./io.ts";
import { tryOut, writeOut } from "./write-out.ts";

const SEED = 0;

/** `graft init FOLDER [-o FILE]`: looks at photos and writes an experiment whose comments say why it is as it is. */
export async function init(
	folder: string,
	options: Options,
	io: Io,
): Promise<number> {
	const name = nameOf(folder);
	const file = options.out ?? `${name}.yaml`;
	if (existsSync(file) && !options.flags.has("force"))
		return sayDiagnostics([isThere(file)], options.json, io);
	// Before minutes of measuring, not after them.
	tryOut(resolve(file));
	const cache = cacheFolder(options.cache);
	const bar = progressLine("photos", process.stderr);
	const found = await initFrom(folder, {
		...{ cacheFolder: cache, seed: SEED },
		onStep: (step) => {
			bar.end();
			io.stderr(`${step}\n`);
		},
		onProgress: (progress) => {
			if (progress.total > 0) bar.show(progress);
		},
		onWarning: (code, message) =>
			io.stderr(`graft: warning ${code}: ${message}\n`),
	});
	bar.end();
	if (!found.ok) return sayDiagnostics(found.diagnostics, options.json, io);
	if (found.value.warnings.length > 0)
		io.stderr(printDiagnostics(found.value.warnings, io));
	const path = resolve(file);
	writeOut(path, initYaml(found.value, name, dirname(path), SEED));
	// What is written must run: photos, weights and this machine's engines are asked as by check.
	const checked = await prepare(path, {
		...{ sets: [], cacheFolder: cache, hash: false, missing: "error" },
	});
	const shown = relative(process.cwd(), path) || file;
	io.stdout(
		options.json ? asJson(found.value, path) : text(found.value, shown),
	);
	if (!checked.ok) return sayDiagnostics(checked.diagnostics, false, io);
	return EXIT.ok;
}

function text(found: InitFindings, file: string): string {
	const { policy, decision } = found;
	const lines = findingsLines(found);
	const blocks: readonly (readonly [string, readonly string[]])[] = [
		["photos", lines.photos],
		["broken", lines.broken],
		["twice", lines.twins],
		["classes", lines.balance],
		[`transforms: ${policy.name}`, policy.reasons],
		[`strategy: ${decision.strategy}`, decision.reasons],
	];
	const shown = blocks
		.filter(([, sentences]) => sentences.length > 0)
		.map(
			([title, sentences]) =>
				`${title}\n${sentences.map((one) => `  ${printable(one)}\n`).join("")}`,
		);
	return `${shown.join("\n")}\n${printable(file)} is written; next: graft run ${printable(/\s/.test(file) ? JSON.stringify(file) : file)}\n`;
}

/** Keys in snake_case, as in every JSON of Graft. */
function asJson(found: InitFindings, file: string): string {
	const { layout, dataset, pictures, twins, policy, decision } = found;
	const { looked, side, ratio, kept, grey, turned, small, corrupt } = pictures;
	const counts = dataset.classNames.map((name, label) => {
		const own = dataset.samples.filter((one) => one.label === label);
		const of = (split: string) =>
			own.filter((one) => one.split === split).length;
		return { name, train: of("train"), valid: of("valid"), test: of("test") };
	});
	const value = {
		file,
		layout: { kind: layout.kind, root: layout.root, notes: layout.notes },
		photos: dataset.samples.length,
		classes: counts,
		imbalance: found.imbalance,
		pictures: {
			opened: looked,
			longer_side: { least: side[0], median: side[1], most: side[2] },
			ratio: { median: ratio[0], most: ratio[1] },
			left_by_crop: kept,
			...{ grey, turned, small, corrupt },
		},
		duplicates: twins.map((group) => ({
			kind: group.kind,
			photos: group.samples.map(({ path, split }) => ({ path, split })),
			similarity: group.similarity,
			crosses_splits: group.crossesSplits,
			crosses_classes: group.crossesClasses,
		})),
		transforms: {
			name: policy.name,
			value: policy.transforms,
			reasons: policy.reasons,
		},
		strategy: decision,
	};
	return `${JSON.stringify(value, null, 2)}\n`;
}

/** Of the folder, fit for a file. */
function nameOf(folder: string): string {
	const own = basename(resolve(folder)).normalize("NFC");
	const slug = own
		.replace(/[^\p{L}\p{N}_.-]+/gu, "-")
		.replace(/^[-.]+|[-.]+$/g, "");
	return slug === "" ? "experiment" : slug;
}

function isThere(file: string) {
	return {
		severity: "error",
		code: "init-exists",
		message: `${file} is there already`,
		reason: "graft init overwrites nothing that may hold your work",
		fix: "write -o OTHER.yaml, or --force to overwrite it",
	} as const;
}
