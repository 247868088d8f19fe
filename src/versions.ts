import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { packageRoot } from "./paths.ts";

/** Version of an installed package, read from its package.json without loading it; undefined where it is not installed. */
export function packageVersion(name: string): string | undefined {
	const require = createRequire(join(packageRoot(), "package.json"));
	for (const base of require.resolve.paths(name) ?? []) {
		try {
			const text = readFileSync(join(base, name, "package.json"), "utf8");
			return (JSON.parse(text) as { version: string }).version;
		} catch {
			// Not in this node_modules: the next one up may hold it.
		}
	}
	return undefined;
}

/** Graft's own version. */
export function graftVersion(): string {
	return (
		JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
			version: string;
		}
	).version;
}

/** What computes pixels and features on this machine, with which of onnxruntime's providers, or `tfjs:` and its backend: part of every cache key. */
export function engineFacts(provider = "cpu") {
	return { versions: engineVersions(provider), provider } as const;
}

/** Versions of everything that computes pixels or features. */
export function engineVersions(
	provider = "cpu",
): Readonly<Record<string, string>> {
	const names = [
		"sharp",
		`@img/sharp-libvips-${process.platform}-${process.arch}`,
		provider.startsWith("tfjs") ? "@tensorflow/tfjs-core" : "onnxruntime-node",
	];
	const entries = names.map((name) => [name, packageVersion(name)] as const);
	return Object.fromEntries(
		entries.filter(
			(entry): entry is [string, string] => entry[1] !== undefined,
		),
	);
}
