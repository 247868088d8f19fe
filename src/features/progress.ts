import { duration } from "../text.ts";
import type { Progress } from "./rate.ts";

/** Where progress is drawn: stderr, or something like it. */
export interface ProgressStream {
	readonly isTTY?: boolean;
	readonly columns?: number;
	readonly write: (text: string) => unknown;
}

/** Draws progress; `end` leaves the last line standing, `clear` takes it away where that can be done. */
export interface ProgressLine {
	readonly show: (progress: Progress) => void;
	readonly end: () => void;
	readonly clear: () => void;
}

/** A terminal is redrawn at most so often; elsewhere a line is written at most so often. */
const TERMINAL_MS = 100;
const PLAIN_MS = 5_000;

/**
 * A bar with rate and remaining time on a terminal, plain lines every few seconds elsewhere.
 * @param label what is being done: "features".
 */
export function progressLine(
	label: string,
	stream: ProgressStream,
	now: () => number = () => performance.now(),
): ProgressLine {
	let drawn = Number.NEGATIVE_INFINITY;
	let last: Progress | undefined;
	let isOpen = false;

	function draw(progress: Progress): void {
		drawn = now();
		isOpen = true;
		if (stream.isTTY)
			stream.write(`\r${bar(label, progress, stream.columns || 80)}\u001b[K`);
		else stream.write(`${plain(label, progress)}\n`);
	}

	return {
		show: (progress) => {
			last = progress;
			// On a file the first line comes after some work, so that short work is one line.
			if (!stream.isTTY && drawn === Number.NEGATIVE_INFINITY) drawn = now();
			if (now() - drawn >= (stream.isTTY ? TERMINAL_MS : PLAIN_MS))
				draw(progress);
		},
		end: () => {
			if (last) draw(last);
			if (isOpen && stream.isTTY) stream.write("\n");
			last = undefined;
			isOpen = false;
		},
		clear: () => {
			if (isOpen && stream.isTTY) stream.write("\r\u001b[K");
			last = undefined;
			isOpen = false;
		},
	};
}

/** `features 512/1200, 143 photos/s, 5 s left`. */
function plain(label: string, progress: Progress): string {
	return `${label} ${progress.done}/${progress.total}${speed(progress)}`;
}

/** `features ━━━━━━────── 512/1200, 143 photos/s, 5 s left`, no wider than the terminal. */
function bar(label: string, progress: Progress, columns: number): string {
	const { done, total } = progress;
	const text = ` ${done}/${total}${speed(progress)}`;
	const width = Math.min(30, columns - label.length - text.length - 3);
	if (width < 5) return `${label}${text}`.slice(0, columns - 1);
	const filled = total === 0 ? width : Math.floor((width * done) / total);
	return `${label} ${"━".repeat(filled)}${"─".repeat(width - filled)}${text}`;
}

function speed({ done, total, photosPerSecond, etaSeconds }: Progress): string {
	if (photosPerSecond === 0) return "";
	const rate =
		photosPerSecond >= 10
			? photosPerSecond.toFixed(0)
			: photosPerSecond.toFixed(1);
	const left =
		etaSeconds !== undefined && done < total
			? `, ${duration(Math.max(1, etaSeconds), 0)} left`
			: "";
	return `, ${rate} photos/s${left}`;
}
