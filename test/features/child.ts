import { rowsFor } from "../../src/features/feature-set.ts";
import { sha256 } from "../../src/fingerprint.ts";
import { efficientNet, extractFeatures, PHOTOS, samplesIn } from "./pieces.ts";

/**
 * A process that extracts features, for tests about processes:
 *   child.ts CACHE PHOTOS SIZE [EXIT_AFTER] [PAUSE_MS]
 * Prints what came of it as JSON; with EXIT_AFTER (0: never) it calls process.exit(7) after so many photos; with
 * PAUSE_MS it waits so long after each, as a slow machine would.
 */
const [cacheFolder, photos, size, exitAfter = "0", pauseMs = "0"] =
	process.argv.slice(2);
const never = new Int32Array(new SharedArrayBuffer(4));
const samples = samplesIn(PHOTOS).slice(0, Number(photos));
try {
	const set = await extractFeatures(samples, {
		...(await efficientNet(PHOTOS, Number(size))),
		onCorrupt: "fail",
		cacheFolder,
		featureKey: "k",
		onProgress: ({ done }) => {
			if (Number(exitAfter) > 0 && done >= Number(exitAfter)) process.exit(7);
			if (Number(pauseMs) > 0) Atomics.wait(never, 0, 0, Number(pauseMs));
		},
	});
	const { buffer, byteOffset, byteLength } = rowsFor(set, samples);
	const rows = sha256(new Uint8Array(buffer, byteOffset, byteLength));
	console.log(
		JSON.stringify({ rows, cached: set.cached, computed: set.computed }),
	);
} catch (error) {
	const { code, message } = error as Error & { code: string };
	console.log(JSON.stringify({ code, message }));
	process.exitCode = 1;
}
