import type { AskOptions } from "../ask.ts";
import { progressLine } from "../features/progress.ts";
import { cacheFolder } from "../paths.ts";
import type { Options } from "./arguments.ts";
import { downloadLine } from "./download-line.ts";
import type { Io } from "./io.ts";

/** How a verb passes photos through a network that is asked: with a progress line, which `end` takes away. */
export function asking(
	label: string,
	options: Options,
	io: Io,
): { readonly ask: AskOptions; readonly end: () => void } {
	const bar = progressLine(label, process.stderr);
	return {
		ask: {
			cacheFolder: cacheFolder(options.cache),
			fetching: downloadLine(process.stderr),
			onProgress: (progress) => bar.show(progress),
			onWarning: (code, message) =>
				io.stderr(`graft: warning ${code}: ${message}\n`),
		},
		end: () => bar.end(),
	};
}
