import {
	availableParallelism,
	cpus,
	hostname,
	release,
	totalmem,
	userInfo,
} from "node:os";
import { engineVersions, graftVersion, packageVersion } from "../versions.ts";
import type { Environment } from "./types.ts";

/** Packages that train, beside those that compute pixels and features; noted where they are installed. */
const TRAINING_PACKAGES = [
	"@tensorflow/tfjs-core",
	"@tensorflow/tfjs-backend-wasm",
	"@tensorflow/tfjs-backend-cpu",
	"@tensorflow/tfjs-node",
	"@tensorflow/tfjs-node-gpu",
];

/** What only the run knows. */
export type RunFacts = Pick<
	Environment,
	"git" | "backend" | "provider" | "dataFingerprint" | "weightsSha256"
>;

/** Where and with what a run is made. Versions are read from package.json files: no library is loaded. */
export function captureEnvironment(facts: RunFacts): Environment {
	const { CUDA_VISIBLE_DEVICES, HIP_VISIBLE_DEVICES } = process.env;
	const gpus = CUDA_VISIBLE_DEVICES ?? HIP_VISIBLE_DEVICES;
	return {
		graft: graftVersion(),
		node: process.version,
		packages: { ...engineVersions(), ...trainingVersions() },
		platform: `${process.platform}-${process.arch} ${release()}`,
		cpu: cpus()[0]?.model.trim() || "unknown",
		cores: availableParallelism(),
		memoryGb: memoryGb(),
		host: hostname(),
		user: userName(),
		...(gpus === undefined ? {} : { gpus }),
		...facts,
	};
}

function trainingVersions(): Record<string, string> {
	const entries = TRAINING_PACKAGES.map(
		(name) => [name, packageVersion(name)] as const,
	);
	return Object.fromEntries(
		entries.filter(
			(entry): entry is [string, string] => entry[1] !== undefined,
		),
	);
}

/** What the process may use: a container's limit where there is one. GiB, one decimal. */
function memoryGb(): number {
	const limit = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
	return Math.round((Math.min(totalmem(), limit) / 2 ** 30) * 10) / 10;
}

function userName(): string {
	try {
		return userInfo().username;
	} catch {
		// Containers run under ids that no passwd file names.
		return process.env.USER || String(process.getuid?.() ?? "unknown");
	}
}
