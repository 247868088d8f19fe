import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { RunError } from "../../diagnostic.ts";
import { makeFolder } from "../../make-folder.ts";
import { bytes } from "../../text.ts";
import { ask } from "./programs.ts";

/** What a build needs of this machine, looked at before anything is fetched. */

/** The programs that were found. */
export interface Tools {
	readonly python: string;
	readonly compiler: string;
	readonly npm: string;
}

/** Something that is not here, and how to get it. */
export interface Lack {
	readonly what: string;
	readonly fix: string;
}

/** One of the programs, or what is wrong with it. */
export type Found = { readonly program: string } | Lack;

/** glibc of the wheels: manylinux_2_27. */
const LEAST_GLIBC = 27;

/** Why TensorFlow cannot be built against here at all; undefined on Linux x64 with glibc. */
export function unsupported(
	platform: string = process.platform,
	arch: string = process.arch,
	/** null: another C library. */
	glibc: string | null = glibcVersion(),
): string | undefined {
	if (platform !== "linux" || arch !== "x64")
		return `TensorFlow's libraries are fetched for Linux on x64 only, and this is ${platform} on ${arch}`;
	if (glibc === null)
		return "TensorFlow's libraries need glibc, which this Linux (Alpine?) does without";
	const [major = 0, minor = 0] = glibc.split(".").map(Number);
	return major > 2 || minor >= LEAST_GLIBC
		? undefined
		: `TensorFlow's libraries need glibc 2.${LEAST_GLIBC} or newer, and this is glibc ${glibc}`;
}

/** @throws RunError "native-unsupported". */
export function refuseUnsupported(): void {
	const why = unsupported();
	if (why === undefined) return;
	throw new RunError("native-unsupported", why, {
		fix: "leave device out: the wasm backend trains everything that the native one trains, slower; or npm install @tensorflow/tfjs-node, which Graft takes where it loads",
	});
}

/**
 * All tools, or all that is missing at once.
 * @throws RunError "native-needs".
 */
export function findTools(): Tools {
	const [python, compiler, npm] = [findPython(), findCompiler(), findNpm()];
	if ("program" in python && "program" in compiler && "program" in npm)
		return {
			python: python.program,
			compiler: compiler.program,
			npm: npm.program,
		};
	throw needs([python, compiler, npm]);
}

/** @throws RunError "native-needs" without a Python that has pip. */
export function findPip(): string {
	const found = findPython();
	if ("program" in found) return found.program;
	throw needs([found]);
}

function needs(all: readonly Found[]): RunError {
	const lacks = all.filter((found): found is Lack => "what" in found);
	return new RunError(
		"native-needs",
		`this machine lacks ${lacks.map(({ what }) => what).join(", ")}`,
		{ fix: lacks.map(({ fix }) => fix).join("; ") },
	);
}

/** A Python of any age whose pip can download. */
export function findPython(): Found {
	const pythons = ["python3", "python"].filter(
		(name) => ask(name, ["--version"]) !== undefined,
	);
	const program = pythons.find(
		(name) => ask(name, ["-m", "pip", "--version"]) !== undefined,
	);
	if (program !== undefined) return { program };
	return pythons.length > 0
		? {
				what: "pip (python3 -m pip)",
				fix: "apt-get install python3-pip, or python3 -m ensurepip",
			}
		: {
				what: "Python 3 with pip",
				fix: "apt-get install python3 python3-pip",
			};
}

/** CXX, else the first compiler for C++ on the PATH. */
export function findCompiler(): Found {
	const named = process.env.CXX;
	const names = named ? [named] : ["g++", "c++", "clang++"];
	const program = names.find((name) => ask(name, ["--version"]) !== undefined);
	return program === undefined
		? {
				what: named
					? `the compiler that CXX names (${named})`
					: "a compiler for C++ (g++)",
				fix: "apt-get install g++",
			}
		: { program };
}

/** npm, which fetches tfjs-node. */
export function findNpm(): Found {
	return ask("npm", ["--version"]) === undefined
		? {
				what: "npm",
				fix: "put npm on the PATH; it comes with Node (https://nodejs.org)",
			}
		: { program: "npm" };
}

/**
 * Makes the folder above `folder`.
 * @throws RunError "native-disk" where fewer bytes are free, "cache-not-writable".
 */
export function refuseFullDisk(folder: string, needed: number): void {
	const parent = dirname(folder);
	try {
		makeFolder(parent);
	} catch (cause) {
		throw new RunError(
			"cache-not-writable",
			`${parent} cannot be made: ${(cause as Error).message}`,
			{
				fix: "give another folder: GRAFT_NATIVE, or --cache DIR or GRAFT_CACHE",
				cause,
			},
		);
	}
	const { bavail, bsize } = statfsSync(parent);
	const free = bavail * bsize;
	if (free >= needed) return;
	throw new RunError(
		"native-disk",
		`${bytes(free)} are free at ${parent}, and ${bytes(needed)} are needed`,
		{
			fix: "free some space (graft cache gc), or give a folder on another disk: GRAFT_NATIVE=DIR",
		},
	);
}

/** null with musl and outside Linux. */
function glibcVersion(): string | null {
	const { header } = process.report.getReport() as unknown as {
		header: { glibcVersionRuntime?: string };
	};
	return header.glibcVersionRuntime ?? null;
}
