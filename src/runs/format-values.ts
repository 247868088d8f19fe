import { count, duration } from "../text.ts";
import type { Environment } from "./types.ts";

/** How values of a run are written for people, the same in `ls`, `show` and the report. */

/** A share 0 … 1 as per cent: "97.67 %"; empty where there is none. */
export function percent(share: number | undefined, digits = 2): string {
	if (share === undefined) return "";
	if (!Number.isFinite(share)) return String(share);
	return `${(share * 100).toFixed(digits)} %`;
}

/** A loss with four digits that say something: 0.2134, 12.35, 1.2e-7; NaN and infinities by name. */
export function lossText(value: number | undefined): string {
	if (value === undefined) return "";
	if (!Number.isFinite(value)) return String(value);
	const size = Math.abs(value);
	if (size !== 0 && (size < 0.0005 || size >= 100_000))
		return value.toExponential(1);
	return value.toFixed(size < 10 ? 4 : size < 100 ? 3 : 1);
}

/** Seconds measured: "0.031 s", "4.21 s", "85.2 s", "3 min 5 s", "2 h 7 min". */
export function secondsText(seconds: number | undefined): string {
	if (seconds === undefined) return "";
	if (seconds < 0.0995) return `${seconds.toFixed(3)} s`;
	if (seconds < 9.95) return `${seconds.toFixed(2)} s`;
	if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
	return duration(seconds);
}

/** A time of the journal in the reader's own time zone: "2026-11-24 09:00". */
export function localTime(iso: string | undefined, seconds = false): string {
	if (iso === undefined) return "";
	const date = new Date(iso);
	const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
	const minute = `${two(date.getHours())}:${two(date.getMinutes())}`;
	return `${day} ${minute}${seconds ? `:${two(date.getSeconds())}` : ""}`;
}

function two(number: number): string {
	return String(number).padStart(2, "0");
}

/** "cached 12, computed 56" */
export function detailText(
	detail: Readonly<Record<string, string | number>>,
): string {
	return Object.entries(detail)
		.map(([key, value]) => `${key} ${value}`)
		.join(", ");
}

/** The environment by readable names, in reading order. */
export function environmentEntries(
	environment: Environment,
): readonly (readonly [string, string])[] {
	const { git, packages } = environment;
	const versions = Object.entries(packages).map(
		([name, version]) => `${name} ${version}`,
	);
	const commit =
		git &&
		`${git.commit.slice(0, 12)} on ${git.branch}${git.dirty ? ", with uncommitted changes" : ""}`;
	return [
		["graft", environment.graft],
		["node", environment.node],
		["packages", versions.join(", ")],
		["backend", environment.backend],
		["provider", environment.provider],
		["cpu", `${environment.cpu}, ${count(environment.cores, "core")}`],
		["memory", `${environment.memoryGb} GB`],
		...(environment.gpus === undefined
			? []
			: [["gpus", environment.gpus || "none"] as const]),
		["platform", environment.platform],
		["host", `${environment.user}@${environment.host}`],
		["git", commit ?? "no repository"],
		["data hash", environment.dataFingerprint],
		["weights hash", environment.weightsSha256],
	];
}
