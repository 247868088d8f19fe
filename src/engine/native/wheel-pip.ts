import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { RunError } from "../../diagnostic.ts";
import type { DownloadProgress } from "../../model/types.ts";
import { runProgram } from "./programs.ts";
import type { Wheel } from "./recipe.ts";
import { FETCH_WHEEL } from "./wheel-script.ts";

/**
 * Wheels come by way of the user's pip: index, mirrors, certificates, proxies, logins, retries and offline folders
 * (PIP_INDEX_URL, PIP_FIND_LINKS with PIP_NO_INDEX, pip.conf) are those that it is set up with.
 */

/** What downloading needs. */
export interface WheelOptions {
	/** A Python with pip. */
	readonly python: string;
	readonly signal?: AbortSignal | undefined;
	readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

/** Tags that the wheels of the recipe carry. */
const PLATFORMS = [
	"manylinux_2_28_x86_64",
	"manylinux_2_27_x86_64",
	"manylinux_2_17_x86_64",
	"manylinux2014_x86_64",
	"manylinux_2_12_x86_64",
	"manylinux2010_x86_64",
	"manylinux_2_5_x86_64",
	"manylinux1_x86_64",
];

/** The wheels of the recipe are these, whatever Python is here. */
const TARGET = [
	...["--disable-pip-version-check", "--no-input", "--no-deps"],
	...["--only-binary=:all:", "--progress-bar=off"],
	...["--python-version=3.11", "--implementation=cp", "--abi=cp311"],
	...PLATFORMS.map((platform) => `--platform=${platform}`),
];

/** ENOSPC, as the script ends with it. */
const DISK_FULL = 28;

/** The script's word for an index that has another build. */
const OTHER_BUILD = 65;

/**
 * Lets pip find a wheel, and fetches of it what `part` does not hold yet. A file:// address is copied; a server that
 * sends no ranges sends all of it again.
 * @returns why not, where this pip cannot be asked so: one of another age
 * @throws RunError "native-download", "native-disk", "native-wrong-hash".
 */
export async function fetchThroughPip(
	wheel: Wheel,
	part: string,
	{ python, signal }: WheelOptions,
): Promise<string | undefined> {
	const { name, version, sha256 } = wheel;
	const said = await runProgram(
		python,
		["-c", FETCH_WHEEL, part, name, version, sha256, ...TARGET],
		{
			signal,
			failure: failureOf(wheel),
			explain: (status, said) =>
				status === DISK_FULL
					? new RunError(
							"native-disk",
							`the disk is full: ${part} cannot grow`,
							{
								fix: "free some space (graft cache gc), then run again: what has come is kept",
							},
						)
					: status === OTHER_BUILD
						? wrongHash(wheel, undefined, said.trim())
						: undefined,
		},
	);
	const line = said.split("\n").find((text) => text.startsWith('{"cannot"'));
	return line === undefined
		? undefined
		: (JSON.parse(line) as { cannot: string }).cannot;
}

/**
 * pip's own download, which begins anew after a kill. Its temporary files stay within `pipFolder(part)`.
 * @throws RunError "native-download".
 */
export async function downloadByPip(
	wheel: Wheel,
	part: string,
	{ python, signal }: WheelOptions,
): Promise<void> {
	const folder = pipFolder(part);
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder);
	const named = `${wheel.name}==${wheel.version}`;
	await runProgram(
		python,
		["-m", "pip", "download", ...TARGET, `--dest=${folder}`, named],
		{
			signal,
			// Broken connections are gone on with by pip 25.1 and newer; older ones do not know the setting.
			env: { TMPDIR: folder, PIP_RESUME_RETRIES: "5" },
			failure: failureOf(wheel),
		},
	);
	const [file] = readdirSync(folder).filter((name) => name.endsWith(".whl"));
	if (file === undefined)
		throw new Error(`internal: pip left no ${wheel.name}`);
	renameSync(join(folder, file), part);
	rmSync(folder, { recursive: true });
}

/** Where pip's own download works. */
export function pipFolder(part: string): string {
	return join(dirname(part), "pip");
}

/** Bytes other than the pinned ones. @param said where the index itself says so; undefined: they came */
export function wrongHash(
	{ name, version, sha256 }: Wheel,
	digest: string | undefined,
	said?: string,
): RunError {
	const wanted = `${sha256.slice(0, 16)}… was expected`;
	return new RunError(
		"native-wrong-hash",
		said === undefined
			? `${name} ${version} has the sha256 ${digest?.slice(0, 16)}…, ${wanted}; it was thrown away`
			: `the index says that ${said}…, ${wanted}; it was not fetched`,
		{
			fix: "run again; if it stays so, the index that pip asks (pip config list) holds another build: ask another for this one, PIP_INDEX_URL=…",
		},
	);
}

function failureOf({ name, version }: Wheel) {
	return {
		code: "native-download",
		fix: `pip's own words stand above: check the network and the index it asks (pip config list), then run again, what has come is kept; without a network, put ${name} ${version} for CPython 3.11 on Linux x64 into a folder and set PIP_NO_INDEX=1 and PIP_FIND_LINKS=FOLDER`,
	};
}
