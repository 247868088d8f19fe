import { EXIT, RunError } from "../diagnostic.ts";
import {
	type CacheEntry,
	gcCache,
	listCache,
	verifyCache,
} from "../features/cache-care.ts";
import { cacheFolder } from "../paths.ts";
import { bytes, count, table } from "../text.ts";
import type { Options } from "./arguments.ts";
import type { Io } from "./io.ts";
import { wholeNumber } from "./numbers.ts";

const DEFAULT_DAYS = 30;

/** `graft cache ls | gc | verify`: what features are kept, what of them goes, and whether they are whole. */
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
		case "verify":
			return verify(folder, options, io);
		default:
			throw new RunError(
				"bad-value",
				`"${action}" is nothing the cache can do`,
				{
					fix: "write graft cache ls, graft cache gc or graft cache verify",
				},
			);
	}
}

function list(folder: string, { json }: Options, io: Io): number {
	const entries = listCache(folder);
	if (json) {
		io.stdout(`${JSON.stringify(entries.map(entryJson), null, 2)}\n`);
		return EXIT.ok;
	}
	if (entries.length === 0) {
		io.stdout(`no features are cached in ${folder}\n`);
		return EXIT.ok;
	}
	const rows = entries.map((entry) => [
		entry.key.slice(0, 12),
		count(entry.rows, "row"),
		entry.shape.join(" x "),
		madeIn(entry),
		bytes(entry.bytes),
		entry.lastUsed.toISOString().slice(0, 16).replace("T", " "),
	]);
	const total = entries.reduce((sum, entry) => sum + entry.bytes, 0);
	const lines = table(
		[["key", "photos", "features", "in", "size", "last used (UTC)"], ...rows],
		["left", "right", "left", "left", "right", "left"],
	);
	io.stdout(`${lines.join("\n")}\n${bytes(total)} in ${folder}\n`);
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
	const removed = gcCache(folder, {
		...(maxGb === undefined ? {} : { maxBytes: gigabytes(maxGb) }),
		...(days === undefined && maxGb !== undefined
			? {}
			: {
					olderThanDays:
						days === undefined
							? DEFAULT_DAYS
							: wholeNumber("--older-than", days),
				}),
	});
	const freed = removed.reduce((sum, entry) => sum + entry.bytes, 0);
	io.stdout(
		options.json
			? `${JSON.stringify({ removed: removed.map(entryJson), bytes: freed }, null, 2)}\n`
			: `removed ${count(removed.length, "set")} of features, ${bytes(freed)}\n`,
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
		key,
		rows,
		shape,
		shards,
		bytes,
		last_used: lastUsed,
		made_of: madeOf,
	};
}
