import { isAbsolute, join, relative } from "node:path";
import { packageRoot } from "../paths.ts";
import { printable } from "../text.ts";
import { findingsLines, UNEVEN } from "./findings-lines.ts";
import type { InitFindings } from "./init.ts";

/** The file that `graft init` writes: each choice below the reasons for it. */

/** Columns that a comment may have. */
const WIDTH = 100;

/** @param folder absolute, of the file: paths are relative to it */
export function initYaml(
	found: InitFindings,
	name: string,
	folder: string,
	seed: number,
): string {
	const { policy, decision } = found;
	const lines = findingsLines(found);
	const schema = pathFrom(
		folder,
		join(packageRoot(), "schemas", "experiment.schema.json"),
	);
	const network = (decision.measures as { readonly network?: string }).network;
	return [
		`# yaml-language-server: $schema=${schema}`,
		...comment(
			"Written by graft init, which looked at the photos; change what you know better.",
		),
		`name: ${scalar(name)}`,
		`seed: ${seed}`,
		"",
		...comment(...lines.photos, ...lines.broken, ...lines.twins),
		"data:",
		...dataLines(found, folder),
		"",
		...comment(...policy.reasons),
		"transforms:",
		...policy.transforms.map((one) => `  - ${flow(one)}`),
		"",
		...comment(...decision.reasons),
		`strategy: ${decision.strategy}`,
		"",
		...comment(...lines.balance),
		...modelLines(found, network ?? "efficientnet_lite0"),
		"",
	].join("\n");
}

function dataLines(
	{ layout, pictures, dataset }: InitFindings,
	folder: string,
): readonly string[] {
	const { manifest, split, ...names } = layout.data;
	const isSample = pictures.looked < dataset.samples.length;
	return [
		`  root: ${scalar(pathFrom(folder, layout.root))}`,
		...(manifest === undefined
			? []
			: [`  manifest: ${scalar(pathFrom(folder, manifest))}`]),
		...Object.entries(names).map(
			([key, value]) => `  ${key}: ${scalar(String(value))}`,
		),
		...(split === undefined ? [] : [`  split: { valid: ${split.valid} }`]),
		...(pictures.corrupt.length > 0
			? [
					"  on_corrupt: quarantine # leaves out what cannot be read, and lists it in the run's folder",
				]
			: isSample
				? ["  on_corrupt: quarantine # not every photo was opened"]
				: []),
	];
}

/** The network, and weights of classes where these are uneven, in the place that the strategy reads. */
function modelLines(
	{ decision, imbalance }: InitFindings,
	network: string,
): readonly string[] {
	const depth = decision.sets
		.map((set) => /^model\.features\.depth=(.*)$/.exec(set)?.[1])
		.find((found) => found !== undefined);
	const isUneven = imbalance > UNEVEN;
	const head =
		decision.strategy === "linear_probe"
			? "logistic"
			: decision.strategy === "early_layer_svm"
				? "svm"
				: undefined;
	return [
		"model:",
		`  backbone: ${network}`,
		...(depth === undefined ? [] : [`  features: { depth: ${depth} }`]),
		...(head !== undefined && isUneven
			? [`  head: { ${head}: { class_weight: balanced } }`]
			: []),
		...(head === undefined && isUneven
			? ["train:", "  loss: { cross_entropy: { class_weights: balanced } }"]
			: []),
	];
}

function comment(...sentences: readonly string[]): readonly string[] {
	return sentences.flatMap((sentence) => wrapped(printable(sentence)));
}

function wrapped(sentence: string): readonly string[] {
	const lines: string[] = [];
	let line = "#";
	for (const word of sentence.split(" ")) {
		if (line.length + word.length + 1 > WIDTH && line !== "#") {
			lines.push(line);
			line = "#  ";
		}
		line += ` ${word}`;
	}
	return [...lines, line];
}

function pathFrom(folder: string, path: string): string {
	const way = relative(folder, path);
	// Another drive has no way to it.
	if (isAbsolute(way)) return way.replaceAll("\\", "/");
	const forward = way.replaceAll("\\", "/");
	return forward === ""
		? "."
		: forward.startsWith("~")
			? `./${forward}`
			: forward;
}

/** Plain where YAML reads it back as this text. */
function scalar(text: string): string {
	const isPlain =
		/^[A-Za-z_./][\w./-]*$/.test(text) &&
		!/^(true|false|null|yes|no|on|off|y|n)$/i.test(text) &&
		!/^[.\d]+$/.test(text);
	return isPlain || text === "." || text === ".." ? text : JSON.stringify(text);
}

/** `Resize: { size: [224, 224] }`, `ToTensor`. */
function flow(value: unknown): string {
	if (typeof value === "string") return value;
	if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
	if (typeof value !== "object" || value === null) return String(value);
	const entries = Object.entries(value).map(
		([key, one]) => `${key}: ${isMap(one) ? `{ ${flow(one)} }` : flow(one)}`,
	);
	return entries.join(", ");
}

function isMap(value: unknown): boolean {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
