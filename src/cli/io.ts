/** Where a verb writes: results to stdout, talk to stderr. */
export interface Io {
	readonly stdout: (text: string) => void;
	readonly stderr: (text: string) => void;
	/** Colour on stderr and stdout (NO_COLOR, FORCE_COLOR and --no-color honoured). */
	readonly color: boolean;
	/** Columns of the terminal; 100 where there is none. */
	readonly width: number;
}

/** The process's own streams. */
export function processIo(noColor: boolean): Io {
	// `graft run FILE 2>&1 | head`: nobody listens any more, the run goes on.
	process.stderr.on("error", () => undefined);
	const wanted = process.env.FORCE_COLOR ? true : process.stderr.isTTY === true;
	return {
		stdout: (text) => void process.stdout.write(text),
		stderr: (text) => void process.stderr.write(text),
		color: wanted && !noColor && !process.env.NO_COLOR,
		width: process.stdout.columns || process.stderr.columns || 100,
	};
}
