import type { ProgressStream } from "../features/progress.ts";
import type { DownloadProgress, FetchTalk } from "../model/types.ts";
import { bytes, duration } from "../text.ts";

/** A terminal is redrawn at most so often; elsewhere a line is written at most so often. */
const TERMINAL_MS = 100;
const PLAIN_MS = 5_000;

/**
 * `weights   vgg16-397923af.pth  120.5 MB of 553.4 MB, 12.0 MB/s, 36 s left`: redrawn on a terminal, a line every few
 * seconds elsewhere; each file ends with a whole line.
 */
export function downloadLine(
	stream: ProgressStream,
	now: () => number = () => performance.now(),
	label = "weights  ",
): FetchTalk {
	let name = "";
	let begun = { time: 0, done: 0 };
	let drawn = Number.NEGATIVE_INFINITY;

	function show(progress: DownloadProgress): void {
		const time = now();
		if (progress.name !== name || progress.done < begun.done) {
			name = progress.name;
			begun = { time, done: progress.done };
			drawn = Number.NEGATIVE_INFINITY;
		}
		const isWhole = progress.done === progress.total;
		const pause = stream.isTTY ? TERMINAL_MS : PLAIN_MS;
		if (!isWhole && time - drawn < pause) return;
		drawn = time;
		const came = progress.done - begun.done;
		const text = `${label} ${line(progress, came, time - begun.time)}`;
		if (stream.isTTY)
			stream.write(
				`\r${text.slice(0, (stream.columns || 80) - 1)}\u001b[K${isWhole ? "\n" : ""}`,
			);
		else stream.write(`${text}\n`);
	}

	return {
		onProgress: show,
		onWait: (message) => void stream.write(`${label} ${message}\n`),
	};
}

function line(
	{ name, done, total }: DownloadProgress,
	came: number,
	ms: number,
): string {
	const size =
		total === undefined ? bytes(done) : `${bytes(done)} of ${bytes(total)}`;
	if (ms < 1 || came === 0) return `${name}  ${size}`;
	const perSecond = came / (ms / 1000);
	const left =
		total === undefined || done === total
			? ""
			: `, ${duration((total - done) / perSecond, 0)} left`;
	return `${name}  ${size}, ${bytes(Math.round(perSecond))}/s${left}`;
}
