/** Numbers and tables as people read them. */

/** `1 epoch`, `10 epochs`. */
export function count(n: number, noun: string): string {
	return `${n.toLocaleString("en-US")} ${noun}${n === 1 ? "" : "s"}`;
}

/** `512 B`, `0.7 MB`, `3.2 GB` (powers of ten). */
export function bytes(n: number): string {
	if (n < 1000) return `${n} B`;
	if (n < 1e5) return `${(n / 1e3).toFixed(1)} kB`;
	return n < 1e9 ? `${(n / 1e6).toFixed(1)} MB` : `${(n / 1e9).toFixed(1)} GB`;
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
	if (seconds < 10) return `${seconds.toFixed(1)} s`;
	const whole = Math.round(seconds);
	if (whole < 60) return `${whole} s`;
	if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
	return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Rows of one table as lines: columns padded to their widest cell, two spaces between them. */
export function table(
	rows: readonly (readonly string[])[],
	align: readonly ("left" | "right")[],
): readonly string[] {
	const widths = align.map((_, column) =>
		Math.max(...rows.map((row) => displayWidth(row[column] ?? ""))),
	);
	return rows.map((row) =>
		row
			.map((cell, column) => {
				const padding = " ".repeat((widths[column] ?? 0) - displayWidth(cell));
				return align[column] === "right" ? padding + cell : cell + padding;
			})
			.join("  ")
			.trimEnd(),
	);
}

/** Columns a text takes on a terminal: East Asian wide characters take two. */
export function displayWidth(text: string): number {
	let width = 0;
	for (const character of text) {
		if (/\p{Mark}/u.test(character)) continue;
		width +=
			/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u.test(
				character,
			)
				? 2
				: 1;
	}
	return width;
}
