import {
	accessSync,
	constants,
	existsSync,
	readdirSync,
	statfsSync,
	statSync,
} from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { listCache } from "../features/cache-care.ts";
import { weightsFolder } from "../model/weights/remote/source.ts";
import { bytes, count } from "../text.ts";
import type { Finding } from "./doctor.ts";

/** Where Graft keeps things. */
interface Places {
	readonly cache: string;
	readonly runs: string;
}

/** With less than this free, a run may fail in its middle. */
const LITTLE = 2e9;

/** Node, processor, memory, disk and caches. */
export async function machineFindings({
	cache,
	runs,
}: Places): Promise<readonly Finding[]> {
	const [major = 0] = process.versions.node.split(".").map(Number);
	const limit = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
	const model = cpus()[0]?.model.trim();
	return [
		major >= 20
			? ok("Node", process.version)
			: {
					...{ status: "bad", name: "Node", text: process.version },
					fix: "install Node 20 or newer (https://nodejs.org)",
				},
		ok("system", `${process.platform}-${process.arch} ${release()}`),
		ok(
			"processor",
			`${count(availableParallelism(), "core")}${model ? `, ${model}` : ""}`,
		),
		ok("memory", bytes(Math.min(limit, totalmem()))),
		disk("disk of runs", runs, "give another folder: --runs DIR or GRAFT_RUNS"),
		disk(
			"disk of the cache",
			cache,
			"graft cache gc, or another folder: --cache DIR or GRAFT_CACHE",
		),
		features(cache),
		ok("weights", sizeLine(weightsFolder(cache))),
	];
}

function ok(name: string, text: string): Finding {
	return { status: "ok", name, text };
}

/** Of the nearest folder that is there. */
function disk(name: string, folder: string, fix: string): Finding {
	let at = folder;
	while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
	try {
		accessSync(at, constants.W_OK);
	} catch {
		return { status: "bad", name, text: `${at} cannot be written`, fix };
	}
	const { bavail, bsize } = statfsSync(at);
	const free = bavail * bsize;
	const text = `${bytes(free)} free at ${folder}`;
	return free < LITTLE ? { status: "bad", name, text, fix } : ok(name, text);
}

function features(cache: string): Finding {
	const entries = listCache(cache);
	const total = entries.reduce((sum, entry) => sum + entry.bytes, 0);
	return ok(
		"features",
		entries.length === 0
			? "none in the cache"
			: `${count(entries.length, "set")}, ${bytes(total)} in the cache`,
	);
}

function sizeLine(folder: string): string {
	if (!existsSync(folder)) return "none fetched";
	const files = readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));
	const total = files.reduce(
		(sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
		0,
	);
	return `${count(files.length, "file")}, ${bytes(total)} in ${folder}`;
}
