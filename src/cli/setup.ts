import { EXIT, RunError } from "../diagnostic.ts";
import { providerLack } from "../engine/device/check.ts";
import { cudaFolder } from "../engine/device/ort-cuda.ts";
import {
	type BuildTalk,
	type Built,
	buildNative,
	removeNative,
} from "../engine/native/build.ts";
import { bringCuda, removeCuda } from "../engine/native/cuda.ts";
import { nativeFolder, TENSORFLOW } from "../engine/native/place.ts";
import { cacheFolder } from "../paths.ts";
import type { Options } from "./arguments.ts";
import { downloadLine } from "./download-line.ts";
import type { Io } from "./io.ts";

/** `graft setup native [--gpu] | gpu [--undo]`: brings an engine into a folder of its own, or takes it away. */
export async function setup(
	what: string,
	options: Options,
	io: Io,
): Promise<number> {
	const cache = cacheFolder(options.cache);
	const isUndo = options.flags.has("undo");
	if (what === "native") {
		const kind = options.flags.has("gpu") ? "gpu" : "cpu";
		const folder = nativeFolder(kind, cache);
		if (isUndo) return sayRemoved(folder, await removeNative(folder), io);
		io.stderr(`native    ${folder}\n`);
		const built = await buildNative(folder, kind, talk("native   ", io));
		io.stdout(`${builtText(built, kind)}: ${folder}\n`);
		return EXIT.ok;
	}
	if (what !== "gpu")
		throw new RunError("bad-value", `"${what}" is nothing that can be set up`, {
			fix: "write graft setup native or graft setup gpu",
		});
	const folder = cudaFolder(cache);
	if (isUndo) return sayRemoved(folder, await removeCuda(folder), io);
	io.stderr(`gpu       ${folder}\n`);
	const wasThere = await bringCuda(folder, talk("gpu      ", io));
	const lack = await providerLack("cuda");
	io.stdout(
		`onnxruntime's CUDA provider is ${wasThere ? "there already" : "set up"}${lack === undefined ? " and works" : ""}: ${folder}\n`,
	);
	if (lack !== undefined) io.stderr(notYet(lack.what));
	return EXIT.ok;
}

function builtText({ version, wasThere, usesGpu }: Built, kind: string) {
	const where = usesGpu
		? "on the GPU"
		: kind === "gpu"
			? "on the cpu, for no GPU was found"
			: "";
	return [
		`tfjs ${version} on TensorFlow ${TENSORFLOW}`,
		wasThere ? "is there already and works" : "works",
		where,
	]
		.filter((word) => word !== "")
		.join(" ");
}

/** The files are there; what is missing is the machine's. */
function notYet(what: string): string {
	return `graft: it does not work here yet: ${what}\n  fix: it needs an NVIDIA GPU and a driver for CUDA 13 (580 or newer; nvidia-smi shows it)\n`;
}

function sayRemoved(folder: string, wasThere: boolean, io: Io): number {
	io.stdout(`${wasThere ? "removed" : "there is no"} ${folder}\n`);
	return EXIT.ok;
}

/** Steps and downloads as lines. */
function talk(label: string, io: Io): BuildTalk {
	const now = () => performance.now();
	const { onProgress } = downloadLine(process.stderr, now, label);
	return {
		onStep: (text) => io.stderr(`${label} ${text}\n`),
		onProgress: onProgress ?? (() => undefined),
	};
}
