import { loadExperiment } from "../experiment/load.ts";
import { progressLine } from "../features/progress.ts";
import { cacheFolder } from "../paths.ts";
import { prepare } from "../prepare.ts";
import type { Decision } from "../strategy/types.ts";
import type { Options } from "./arguments.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import { downloadLine } from "./download-line.ts";
import type { Io } from "./io.ts";
import { decisionText } from "./strategy-text.ts";

/** What a verb that runs an experiment goes on with. */
export interface Decided {
	/** With what was decided behind the user's own `--set`. */
	readonly options: Options;
	/** Undefined where the file says itself what is to be done. */
	readonly decision: Decision | undefined;
}

/**
 * Of a file with `strategy: auto`: what it comes to, said on stderr; of any other file, nothing. Mistakes of the file are the
 * verb's own to say, when it prepares it. @returns the exit code where nothing can be decided.
 */
export async function decided(
	file: string,
	options: Options,
	io: Io,
): Promise<Decided | number> {
	const asIs = { options, decision: undefined };
	const loaded = loadExperiment(file, options.sets);
	if (!loaded.ok || loaded.value.strategy !== "auto") return asIs;
	const cache = cacheFolder(options.cache);
	const prepared = await prepare(file, {
		...{ sets: options.sets, cacheFolder: cache, hash: true },
		missing: "error",
		fetching: downloadLine(process.stderr),
	});
	if (!prepared.ok) return asIs;
	const { decideStrategy } = await import("../strategy/decide.ts");
	const bar = progressLine("looking", process.stderr);
	const found = await decideStrategy(prepared.value, {
		cacheFolder: cache,
		onProgress: (progress) => {
			if (progress.total > 0) bar.show(progress);
		},
		onStep: (step) => {
			bar.end();
			io.stderr(`${step}\n`);
		},
		onWarning: (code, message) =>
			io.stderr(`graft: warning ${code}: ${message}\n`),
	});
	bar.end();
	if (!found.ok) return sayDiagnostics(found.diagnostics, options.json, io);
	const decision = found.value;
	io.stderr(decisionText(decision));
	const sets = [...options.sets, ...decision.sets];
	return { options: { ...options, sets }, decision };
}
