import { createHash } from "node:crypto";
import {
	createReadStream,
	mkdirSync,
	readdirSync,
	renameSync,
	rmSync,
	statSync,
} from "node:fs";
import { join } from "node:path";
import { RunError } from "../../diagnostic.ts";
import type { DownloadProgress } from "../../model/types.ts";
import { writeWhole } from "../../write-whole.ts";
import { runProgram } from "./programs.ts";
import type { Wheel } from "./recipe.ts";

/**
 * Wheels, downloaded by pip: index, mirrors, certificates, proxies, logins and offline folders (PIP_INDEX_URL,
 * PIP_FIND_LINKS with PIP_NO_INDEX, pip.conf) are those that pip is set up with.
 */

/** What downloading needs. */
export interface WheelOptions {
	/** A Python with pip. */
	readonly python: string;
	readonly signal?: AbortSignal | undefined;
	readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

/**
 * Fetches a wheel and unpacks what is kept of it into `building`, unless that is done; its files lie under its own
 * first folder: tensorflow/, nvidia/. After a kill in the middle every file is written anew.
 * @throws RunError "native-download", "native-wrong-hash", "native-unpack".
 */
export async function bringWheel(
	wheel: Wheel,
	building: string,
	options: WheelOptions & { readonly onStep: (text: string) => void },
): Promise<void> {
	const done = join(building, "done", wheel.name);
	if (isFile(done)) return;
	const path = await fetchWheel(wheel, join(building, "wheels"), options);
	options.onStep(`unpacking ${wheel.name} ${wheel.version}`);
	await unpackWheel(wheel, path, building, options);
	writeWhole(done, wheel.sha256);
	rmSync(path);
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

/**
 * Fetches a wheel into `folder`, unless it is there whole. pip's own temporary files stay within the folder.
 * @returns its path
 * @throws RunError "native-download" where pip fails, "native-wrong-hash" where other bytes come.
 */
export async function fetchWheel(
	wheel: Wheel,
	folder: string,
	options: WheelOptions,
): Promise<string> {
	const { name, version } = wheel;
	const path = join(folder, `${name}-${version}.whl`);
	if (isFile(path)) {
		if ((await sha256Of(path)) === wheel.sha256) return path;
		rmSync(path);
	}
	const part = join(folder, "part");
	// What a killed pip left cannot be gone on with.
	rmSync(part, { recursive: true, force: true });
	mkdirSync(part, { recursive: true });
	const watching = watch(wheel, part, options.onProgress);
	try {
		await runPip(wheel, part, options);
	} finally {
		clearInterval(watching);
	}
	const [file] = readdirSync(part).filter((entry) => entry.endsWith(".whl"));
	if (file === undefined) throw new Error(`internal: pip left no ${name}`);
	const got = join(part, file);
	const digest = await sha256Of(got);
	if (digest !== wheel.sha256) {
		rmSync(part, { recursive: true });
		throw new RunError(
			"native-wrong-hash",
			`${file} has the sha256 ${digest.slice(0, 16)}…, ${wheel.sha256.slice(0, 16)}… was expected; it was thrown away`,
			{
				fix: "run again; if it stays so, the index that pip asks (pip config list) holds another build: ask another for this one, PIP_INDEX_URL=…",
			},
		);
	}
	const { size } = statSync(got);
	options.onProgress?.({ name: label(wheel), done: size, total: size });
	renameSync(got, path);
	rmSync(part, { recursive: true });
	return path;
}

async function runPip(
	{ name, version }: Wheel,
	part: string,
	{ python, signal }: WheelOptions,
): Promise<void> {
	const args = [
		...["-m", "pip", "download", "--disable-pip-version-check", "--no-input"],
		...["--no-deps", "--only-binary=:all:", "--progress-bar=off"],
		...["--python-version=3.11", "--implementation=cp", "--abi=cp311"],
		...PLATFORMS.map((platform) => `--platform=${platform}`),
		...[`--dest=${part}`, `${name}==${version}`],
	];
	await runProgram(python, args, {
		signal,
		// Broken connections are gone on with by pip 25.1 and newer; older ones do not know the setting.
		env: { TMPDIR: part, PIP_RESUME_RETRIES: "5" },
		failure: {
			code: "native-download",
			fix: `pip's own words stand above: check the network and the index it asks (pip config list), then run again, what has come whole is kept; without a network, put ${name} ${version} for CPython 3.11 on Linux x64 into a folder and set PIP_NO_INDEX=1 and PIP_FIND_LINKS=FOLDER`,
		},
	});
}

/** What has come is as long as the files that pip writes. */
function watch(
	wheel: Wheel,
	part: string,
	onProgress: WheelOptions["onProgress"],
): NodeJS.Timeout | undefined {
	if (onProgress === undefined) return undefined;
	return setInterval(() => {
		const done = Math.max(0, ...sizesIn(part));
		onProgress({
			name: label(wheel),
			done: Math.min(done, wheel.bytes - 1),
			total: wheel.bytes,
		});
	}, 500);
}

function label({ name, version }: Wheel): string {
	return `${name} ${version}`;
}

/** Files may vanish while they are looked at. */
function sizesIn(folder: string): number[] {
	try {
		return readdirSync(folder, { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => statSync(join(entry.parentPath, entry.name)).size);
	} catch {
		return [];
	}
}

function isFile(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

async function sha256Of(path: string): Promise<string> {
	const hash = createHash("sha256");
	for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
		hash.update(chunk as Buffer);
	return hash.digest("hex");
}

/** Of a wheel (argv 1) into a folder (argv 2): files, and folders with a slash at their end (argv 3 …). */
const UNPACK = `
import sys, zipfile
wheel, folder, *keep = sys.argv[1:]
left = set(keep)
with zipfile.ZipFile(wheel) as z:
    for name in z.namelist():
        hit = [k for k in keep if name == k or (k.endswith("/") and name.startswith(k))]
        if hit:
            left.difference_update(hit)
            z.extract(name, folder)
if left:
    sys.exit(f"{wheel} holds no " + ", ".join(sorted(left)))
`;

/**
 * Unpacks what is kept of a wheel into `folder`; Python checks each file's CRC.
 * @throws RunError "native-unpack".
 */
export async function unpackWheel(
	{ keep }: Wheel,
	path: string,
	folder: string,
	{ python, signal }: WheelOptions,
): Promise<void> {
	await runProgram(python, ["-c", UNPACK, path, folder, ...keep], {
		signal,
		failure: {
			code: "native-unpack",
			fix: "if the disk is full, free some space; then run again",
		},
	});
}
