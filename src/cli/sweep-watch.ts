import type { ProgressStream } from "../features/progress.ts";
import type { SweepStatus } from "../sweep/status.ts";
import { plainLine, tableLines } from "../sweep/table.ts";
import type { Io } from "./io.ts";

/** A sweep that somebody else runs, seen through its files. */
export function openWatch(
	io: Io,
	stream: ProgressStream,
): { readonly show: (status: SweepStatus) => void; readonly end: () => void } {
	let drawn = 0;
	let said = "";

	function clear(): void {
		if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[J`);
		drawn = 0;
	}

	return {
		show: ({ trials, objective, best }) => {
			const progress = {
				objective,
				best,
				trials: new Map(
					trials.map((trial) => [
						trial.trial,
						{ ...trial, epoch: 0, epochs: 0 },
					]),
				),
				tasks: new Map(),
				secondsLeft: undefined,
			};
			if (!stream.isTTY) {
				const line = plainLine(progress);
				if (line !== said) io.stderr(`${line}\n`);
				said = line;
				return;
			}
			const lines = tableLines(progress, {
				color: io.color,
				width: stream.columns || 80,
				height: 4,
			});
			clear();
			stream.write(`${lines.join("\n")}\n`);
			drawn = lines.length;
		},
		end: clear,
	};
}
