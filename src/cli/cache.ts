import { EXIT, RunError } from "../diagnostic.ts";
import {
	type CacheEntry,
	gcCache,
	listCache,
	verifyCache,
} from "../features/cache-care.ts";
import { listWeights } from "../model/weights/kept.ts";
import { cacheFolder } from "../paths.ts";
import { bytes, count, table } from "../text.ts";
import type { Options } from "./arguments.ts";
import {
	collectWeights,
	minute,
	weightsJson,
	weightsTable,
} from "./cache-weights.ts";
import type { Io } from "./io.ts";
import { wholeNumber } from "./numbers.ts";

const DEFAULT_DAYS = 30;

/** `graft cache ls | gc | clear | verify`: what features and weights are kept, what of them goes, and whether features are whole. */
export async function cache(
	action: string,
	options: Options,
	io: Io,
): Promise<number> {
	const folder = cacheFolder(options.cache);
	switch (action) {
		case "ls":
			return list(folder, options, io);
		case "gc":
			return collect(folder, options, io);
		case "clear":
			return remove(folder, 0, 0, options, io);
		case "verify":
			return verify(folder, options, io);
		default:
			throw new RunError(
				"bad-value",
				`"${action}" is nothing the cache can do`,
				{
					fix: "write graft cache ls, graft cache gc, graft cache clear or graft cache verify",
				},
			);
	}
}

function list(folder: string, { json }: Options, io: Io): number {
	const entries = listCache(folder);
	const weights = listWeights(folder);
	if (json) {
		const all = [...entries.map(entryJson), ...weights.map(weightsJson)];
		io.stdout(`${JSON.stringify(all, null, 2)}\n`);
		return EXIT.ok;
	}
	if (entries.length + weights.length === 0) {
		io.stdout(`neither features nor weights are cached in ${folder}\n`);
		return EXIT.ok;
	}
	const rows = entries.map((entry) => [
		entry.key.slice(0, 12),
		count(entry.rows, "row"),
		entry.shape.join(" x "),
		madeIn(entry),
		bytes(entry.bytes),
		minute(entry.lastUsed),
	]);
	const total = [...entries, ...weights].reduce(
		(sum, entry) => sum + entry.bytes,
		0,
	);
	const features = table(
		[["key", "photos", "features", "in", "size", "last used (UTC)"], ...rows],
		["left", "right", "left", "left", "right", "left"],
	);
	const parts = [rows.length > 0 ? features : [], weightsTable(weights)]
		.filter(({ length }) => length > 0)
		.map((lines) => lines.join("\n"));
	io.stdout(`${parts.join("\n\n")}\n${bytes(total)} in ${folder}\n`);
	return EXIT.ok;
}

/** What the rows were computed and are kept in, and which view of the photos they are: `int8, float16, view 2`. */
function madeIn({ madeOf }: CacheEntry): string {
	const { precision, dtype, view } = (madeOf ?? {}) as {
		readonly [part: string]: unknown;
	};
	return [
		precision === undefined ? "float32" : "int8",
		...(dtype === "float16" ? ["kept as float16"] : []),
		...(view === undefined ? [] : [`view ${view}`]),
	].join(", ");
}

function collect(folder: string, options: Options, io: Io): number {
	const maxGb = options["max-gb"];
	const days = options["older-than"];
	const maxBytes = maxGb === undefined ? undefined : gigabytes(maxGb);
	const olderThanDays =
		days !== undefined
			? wholeNumber("--older-than", days)
			: maxGb === undefined
				? DEFAULT_DAYS
				: undefined;
	return remove(folder, maxBytes, olderThanDays, options, io);
}

/** Features go before weights, for they are computed again in minutes, and weights are fetched. */
function remove(
	folder: string,
	maxBytes: number | undefined,
	olderThanDays: number | undefined,
	options: Options,
	io: Io,
): number {
	const oldest =
		olderThanDays === undefined
			? undefined
			: Date.now() - olderThanDays * 86_400_000;
	const weights = collectWeights(folder, oldest, maxBytes);
	const left = listWeights(folder).reduce((sum, file) => sum + file.bytes, 0);
	const features = gcCache(folder, {
		...(maxBytes !== undefined && { maxBytes: Math.max(0, maxBytes - left) }),
		...(olderThanDays !== undefined && { olderThanDays }),
	});
	const freed = [...features, ...weights].reduce(
		(sum, entry) => sum + entry.bytes,
		0,
	);
	const removed = [...features.map(entryJson), ...weights.map(weightsJson)];
	io.stdout(
		options.json
			? `${JSON.stringify({ removed, bytes: freed }, null, 2)}\n`
			: `removed ${count(features.length, "set")} of features and ${count(weights.length, "file")} of weights, ${bytes(freed)}\n`,
	);
	return EXIT.ok;
}

async function verify(
	folder: string,
	{ json }: Options,
	io: Io,
): Promise<number> {
	const { shards, rows, damaged } = await verifyCache(folder);
	if (json)
		io.stdout(`${JSON.stringify({ shards, rows, damaged }, null, 2)}\n`);
	else if (damaged.length === 0)
		io.stdout(`all ${count(rows, "cached row")} are whole\n`);
	else {
		for (const { path, damage } of damaged) io.stdout(`${path}: ${damage}\n`);
		io.stderr(
			"graft: damaged files are removed and computed again by the next run that needs them\n",
		);
	}
	return damaged.length === 0 ? EXIT.ok : EXIT.runFailed;
}

function gigabytes(text: string): number {
	const value = Number(text);
	if (text.trim() !== "" && value >= 0) return value * 1e9;
	throw new RunError(
		"bad-value",
		`--max-gb is "${text}", expected a number of gigabytes`,
		{
			fix: "write --max-gb 10",
		},
	);
}

function entryJson({
	key,
	rows,
	shape,
	shards,
	bytes,
	lastUsed,
	madeOf,
}: CacheEntry) {
	return {
		kind: "features",
		key,
		rows,
		shape,
		shards,
		bytes,
		last_used: lastUsed,
		made_of: madeOf,
	};
}
