import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { EXIT } from "../diagnostic.ts";
import { nearest } from "../experiment/suggest.ts";
import { torchCheckpoints } from "../model/weights/other-caches.ts";
import { urlPlace } from "../model/weights/remote/source.ts";
import { type ZooEntry, zooEntry, zooNames } from "../model/zoo/zoo.ts";
import { cacheFolder } from "../paths.ts";
import { count, table } from "../text.ts";
import type { Options } from "./arguments.ts";
import type { Io } from "./io.ts";

/** One network as the list shows it. */
interface Row extends ZooEntry {
	readonly name: string;
	/** Where its default weights lie on this machine, in Graft's cache or torch's; undefined where they do not. */
	readonly here: string | undefined;
}

/** `graft zoo`: the networks that have a name, and which weights are on this machine. */
export function zoo(options: Options, io: Io): number {
	const { search = "", json } = options;
	const cache = cacheFolder(options.cache);
	const all = zooNames();
	const rows = all
		.map((name) => rowOf(name, cache))
		.filter((row) => matches(row, search));
	if (json) io.stdout(`${JSON.stringify(rows.map(rowJson), null, 2)}\n`);
	else if (rows.length > 0) io.stdout(`${text(rows).join("\n")}\n`);
	if (rows.length === 0) io.stderr(nothingFound(search, all));
	else if (!json)
		io.stderr(
			`${rows.length === all.length ? "" : `${rows.length} of `}${count(all.length, "network")}; any other is given as backbone: { onnx: file.onnx, preprocess: … }\n`,
		);
	return EXIT.ok;
}

function rowOf(name: string, cache: string): Row {
	const entry = zooEntry(name) as ZooEntry;
	return { ...entry, name, here: placeOf(entry, cache) };
}

function placeOf({ weights }: ZooEntry, cache: string): string | undefined {
	if (weights.kind === "embedded") return "embedded";
	const url = new URL(weights.url);
	const inTorch = join(torchCheckpoints(process.env), basename(url.pathname));
	return [urlPlace(url, cache), inTorch].find((path) => existsSync(path));
}

/** Whether every word of the search stands in the name, the layer names of its end or the licence. */
function matches(row: Row, search: string): boolean {
	const text = [row.name, row.classifier, row.license].join(" ").toLowerCase();
	const words = search.toLowerCase().split(/\s+/);
	return words.every((word) => text.includes(word));
}

function text(rows: readonly Row[]): readonly string[] {
	const header =
		"name|parameters|GFLOPs|top-1|photos|classifier|licence|weights";
	return table(
		[
			header.split("|"),
			...rows.map((row) => [
				row.name,
				`${(row.parameters / 1e6).toFixed(1)} M`,
				(2 * row.gmacs).toFixed(2),
				`${row.top1.toFixed(1)} %`,
				row.preprocess.size.join(" x "),
				row.classifier,
				row.license,
				row.here === undefined
					? "not here"
					: row.here === "embedded"
						? "embedded"
						: row.here.startsWith(torchCheckpoints(process.env))
							? "here (torch)"
							: "here",
			]),
		],
		["left", "right", "right", "right", "left", "left", "left", "left"],
	);
}

function rowJson(row: Row) {
	const { weights, preprocess } = row;
	return {
		name: row.name,
		parameters: row.parameters,
		flops: Math.round(2e9 * row.gmacs),
		top1: row.top1,
		license: row.license,
		classes: row.numClasses,
		size: preprocess.size,
		mean: preprocess.mean,
		std: preprocess.std,
		scale: preprocess.scale,
		features: row.features,
		classifier: row.classifier,
		weights:
			weights.kind === "torchvision"
				? { url: weights.url, sha256: weights.sha256Prefix }
				: { embedded: weights.file, sha256: weights.sha256 },
		path: row.here ?? null,
	};
}

function nothingFound(search: string, names: readonly string[]): string {
	const meant = nearest(search, names);
	const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
	return `no network of the zoo matches "${search}"${hint}\n  fix: graft zoo lists all of them\n`;
}
