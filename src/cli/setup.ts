import { EXIT, RunError } from "../diagnostic.ts";
import {
	type BuildTalk,
	buildNative,
	removeNative,
} from "../engine/native/build.ts";
import { nativeFolder } from "../engine/native/place.ts";
import { cacheFolder } from "../paths.ts";
import type { Options } from "./arguments.ts";
import { downloadLine } from "./download-line.ts";
import type { Io } from "./io.ts";

/** `graft setup native [--gpu] [--undo]`: builds tfjs on TensorFlow into a folder of its own, or takes it away. */
export async function setup(
	what: string,
	options: Options,
	io: Io,
): Promise<number> {
	if (what !== "native")
		throw new RunError("bad-value", `"${what}" is nothing that can be set up`, {
			fix: "write graft setup native",
		});
	const kind = options.flags.has("gpu") ? "gpu" : "cpu";
	const folder = nativeFolder(kind, cacheFolder(options.cache));
	if (options.flags.has("undo")) {
		const wasThere = await removeNative(folder);
		io.stdout(`${wasThere ? "removed" : "there is no"} ${folder}\n`);
		return EXIT.ok;
	}
	io.stderr(`native    ${folder}\n`);
	const built = await buildNative(folder, kind, buildTalk(io));
	io.stdout(
		`tfjs-node ${built.version} on TensorFlow ${built.wasThere ? "is there already and" : ""} works${built.usesGpu ? " on the GPU" : kind === "gpu" ? " (no GPU was found: on the CPU)" : ""}: ${folder}\n`.replace(
			/ {2,}/g,
			" ",
		),
	);
	return EXIT.ok;
}

/** Steps and downloads as lines. */
function buildTalk(io: Io): BuildTalk {
	const { onProgress } = downloadLine(
		process.stderr,
		() => performance.now(),
		"native   ",
	);
	return {
		onStep: (text) => io.stderr(`native    ${text}\n`),
		onProgress: onProgress ?? (() => undefined),
	};
}
