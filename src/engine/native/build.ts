import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
} from "node:fs";
import { join } from "node:path";
import { RunError } from "../../diagnostic.ts";
import { makeFolder } from "../../make-folder.ts";
import type { DownloadProgress } from "../../model/types.ts";
import { diskError } from "../../model/weights/remote/download.ts";
import { withFileLock } from "../../model/weights/remote/file-lock.ts";
import { writeWhole } from "../../write-whole.ts";
import {
	findTools,
	refuseFullDisk,
	refuseUnsupported,
	type Tools,
} from "./checks.ts";
import { compileAddons } from "./compile.ts";
import type { NativeKind } from "./place.ts";
import { TENSORFLOW, TFJS_NODE } from "./place.ts";
import { runProgram } from "./programs.ts";
import { DISK, NPM_PACKAGES, wheelsFor } from "./recipe.ts";
import { type Trial, tryNative } from "./trial.ts";
import { bringWheel } from "./wheels.ts";

/**
 * The native backend in a folder of its own.
 *
 *   checks ─ FOLDER.building/ ─ npm install ─ wheels ─ unpack ─ compile ─ trial ─ rename ─ FOLDER/
 *
 * Each step ends with a rename and is skipped where it is done, so that a build which was killed at any moment is
 * gone on with; FOLDER is there whole or not at all. One process builds at a time, a second one waits for it.
 */

/** Whom it tells what. */
export interface BuildTalk {
	readonly onStep: (text: string) => void;
	readonly onProgress: (progress: DownloadProgress) => void;
	readonly signal?: AbortSignal;
}

/** What stands in `native.json` of a build. */
export interface NativeBuild {
	readonly tfjs: string;
	readonly tensorflow: string;
	readonly kind: NativeKind;
	/** By wheel. */
	readonly sha256: Readonly<Record<string, string>>;
}

/** How a build ended. */
export interface Built extends Trial {
	/** Whether it was there before. */
	readonly wasThere: boolean;
}

/** In the folder of a build, written last. */
const RECORD = "native.json";

/**
 * Builds the native backend in `folder`, or tries the one that is there.
 * @throws RunError "native-unsupported", "native-needs", "native-disk", "native-download", "native-wrong-hash",
 * "native-unpack", "native-compile", "native-broken", "cache-not-writable".
 */
export async function buildNative(
	folder: string,
	kind: NativeKind,
	talk: BuildTalk,
): Promise<Built> {
	refuseUnsupported();
	const work = async (): Promise<Built> => {
		if (readBuild(folder)?.kind === kind) {
			const trial = await tryNative(folder, talk.signal);
			return { ...trial, wasThere: true };
		}
		refuseForeign(folder);
		const tools = findTools();
		const building = buildingFolder(folder);
		if (!existsSync(join(building, "tensorflow")))
			refuseFullDisk(folder, DISK[kind].building);
		const trial = await build(building, kind, tools, talk);
		rmSync(folder, { recursive: true, force: true });
		renameSync(building, folder);
		return { ...trial, wasThere: false };
	};
	const onWait = (holder: string) =>
		talk.onStep(`${holder} is at it: waiting for it`);
	try {
		return await withFileLock(lockFile(folder), work, onWait, talk.signal);
	} catch (error) {
		throw diskError(error, folder);
	}
}

/** Takes a build away, a half one too; answers whether there was one. @throws RunError "native-foreign". */
export async function removeNative(folder: string): Promise<boolean> {
	const parts = [folder, buildingFolder(folder)];
	const isThere = parts.some((part) => existsSync(part));
	if (!isThere) return false;
	await withFileLock(lockFile(folder), async () => {
		refuseForeign(folder);
		for (const part of parts) rmSync(part, { recursive: true, force: true });
	});
	return true;
}

/** What was built in a folder; undefined where no build was finished. */
export function readBuild(folder: string): NativeBuild | undefined {
	try {
		return JSON.parse(readFileSync(join(folder, RECORD), "utf8"));
	} catch {
		return undefined;
	}
}

/** GRAFT_NATIVE may name any folder: what Graft did not make, it neither overwrites nor removes. */
function refuseForeign(folder: string): void {
	if (!existsSync(folder) || readBuild(folder) !== undefined) return;
	if (readdirSync(folder).length === 0) return;
	throw new RunError(
		"native-foreign",
		`${folder} holds files that graft setup native did not make`,
		{ fix: "name another folder in GRAFT_NATIVE, or leave it out" },
	);
}

/** Where a folder is made. */
export function buildingFolder(folder: string): string {
	return `${folder}.building`;
}

/** Held by whoever makes or removes a folder. */
export function lockFile(folder: string): string {
	return `${folder}.lock`;
}

async function build(
	building: string,
	kind: NativeKind,
	tools: Tools,
	talk: BuildTalk,
): Promise<Trial> {
	const half = readHalf(building);
	if (half !== undefined && half !== kind)
		rmSync(building, { recursive: true, force: true });
	makeFolder(building);
	writeWhole(join(building, HALF), kind);
	await installPackages(building, tools, talk);
	const wheels = wheelsFor(kind);
	for (const wheel of wheels)
		await bringWheel(wheel, building, { python: tools.python, ...talk });
	talk.onStep("compiling the addon");
	await compileAddons(building, kind, tools.compiler, talk.signal);
	talk.onStep("trying it");
	const trial = await tryNative(building, talk.signal);
	rmSync(join(building, "wheels"), { recursive: true, force: true });
	const record: NativeBuild = {
		tfjs: TFJS_NODE,
		tensorflow: TENSORFLOW,
		kind,
		sha256: Object.fromEntries(
			wheels.map(({ name, sha256 }) => [name, sha256]),
		),
	};
	writeWhole(join(building, RECORD), `${JSON.stringify(record, null, 2)}\n`, {
		durable: true,
	});
	return trial;
}

/** In a half build: of which kind it is. */
const HALF = "kind";

function readHalf(building: string): string | undefined {
	try {
		return readFileSync(join(building, HALF), "utf8");
	} catch {
		return undefined;
	}
}

/** Scripts stay off: tfjs-node's would download the TensorFlow of 2022. */
async function installPackages(
	building: string,
	{ npm }: Tools,
	{ onStep, signal }: BuildTalk,
): Promise<void> {
	const target = join(building, "node_modules");
	if (existsSync(target)) return;
	onStep(`npm install @tensorflow/tfjs-node ${TFJS_NODE}`);
	const aside = join(building, "npm");
	rmSync(aside, { recursive: true, force: true });
	mkdirSync(aside);
	const description = { name: "graft-native", private: true };
	const dependencies = NPM_PACKAGES;
	writeWhole(
		join(aside, "package.json"),
		JSON.stringify({ ...description, dependencies }),
	);
	const flags = ["--ignore-scripts", "--no-audit", "--no-fund"];
	await runProgram(npm, ["install", ...flags, "--loglevel=error"], {
		cwd: aside,
		signal,
		failure: {
			code: "native-download",
			fix: "npm's own words stand above: check the network and the registry it asks (npm config get registry), then run again",
		},
	});
	renameSync(join(aside, "node_modules"), target);
	rmSync(aside, { recursive: true, force: true });
}
