/**
 * Seconds of sbatch's --time: `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`,
 * `days-hours:minutes` or `days-hours:minutes:seconds` (sbatch(1)); undefined for anything else.
 */
export function timeLimitSeconds(time: string): number | undefined {
	const [, days, clock = ""] =
		/^(?:(\d+)-)?(\d+(?::\d+){0,2})$/.exec(time) ?? [];
	if (clock === "") return undefined;
	const parts = clock.split(":").map(Number);
	const [a = 0, b = 0, c = 0] = parts;
	if (days !== undefined) return Number(days) * 86_400 + a * 3600 + b * 60 + c;
	if (parts.length === 1) return a * 60;
	return parts.length === 2 ? a * 60 + b : a * 3600 + b * 60 + c;
}

/**
 * Seconds before the time limit at which a task is told to hand over. Slurm may send the signal up to a minute
 * earlier, so that short limits get a short notice.
 */
export function noticeSeconds(time: string | undefined): number {
	const limit = time === undefined ? undefined : timeLimitSeconds(time);
	return limit === undefined || limit >= 600 ? 60 : 10;
}
