import { createRequire } from "node:module";
import { join } from "node:path";
import { packageRoot } from "../../paths.ts";

/** Where an optional package is: of Graft's folder or of the user's project; undefined where it is not installed. */
export function findPackage(name: string): string | undefined {
	return [packageRoot(), process.cwd()]
		.map((folder) => resolveFrom(folder, name))
		.find((found) => found !== undefined);
}

/** The main file of a package as seen from a folder. */
export function resolveFrom(folder: string, name: string): string | undefined {
	try {
		return createRequire(join(folder, "package.json")).resolve(name);
	} catch {
		return undefined;
	}
}
