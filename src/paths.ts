import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Where Graft keeps things. Pure but for looking at the environment and its own place. */

/** The folder of Graft's package.json: two places lead here, src/ under tsx and dist/ when built. */
export function packageRoot(): string {
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
	return folder;
}

/** `--runs DIR`, else GRAFT_RUNS, else ./runs; absolute. */
export function runsFolder(option: string | undefined): string {
	return resolve(option ?? (process.env.GRAFT_RUNS || "runs"));
}

/** `--cache DIR`, else GRAFT_CACHE, else the user's cache folder (XDG_CACHE_HOME, ~/.cache) + graft; absolute. */
export function cacheFolder(option: string | undefined): string {
	const named = option ?? process.env.GRAFT_CACHE;
	if (named) return resolve(named);
	const base = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
	return join(base, "graft");
}
