import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { packageRoot } from "../../paths.ts";
import { printable } from "../../text.ts";
import { linkCuda } from "./ort-cuda.ts";
import type { Provider } from "./types.ts";

/**
 * Whether an execution provider of onnxruntime works here: a network of one Relu is run with it, in a process of its
 * own, since a bad driver may take its process along.
 */

/** Relu of float32 [1, 1, 4, 4], opset 17. */
const RELU =
	"CAg6SwoMCgF4EgF5IgRSZWx1EgFnWhsKAXgSFgoUCAESEAoCCAEKAggBCgIIBAoCCARiGwoBeRIWChQIARIQCgIIAQoCCAEKAggECgIIBEIECgAQEQ==";

const PROGRAM = `
const [, path, provider, model] = process.argv;
const ort = require(path);
(async () => {
	const session = await ort.InferenceSession.create(Buffer.from(model, "base64"), {
		executionProviders: [provider],
	});
	const x = new ort.Tensor("float32", new Float32Array(16).fill(2), [1, 1, 4, 4]);
	const { y } = await session.run({ x });
	if (y.data[15] !== 2) throw new Error("wrong results");
	process.exit(0);
})().catch(({ message }) => { console.error(message); process.exit(1); });
`;

const probed = new Map<Provider, Promise<string | undefined>>();

/** Why a provider does not work, with the library it lacks; undefined where it does. Asked again, the same. */
export function probeProvider(provider: Provider): Promise<string | undefined> {
	if (provider === "cpu") return Promise.resolve(undefined);
	if (provider === "cuda") linkCuda();
	const known = probed.get(provider) ?? probe(provider);
	probed.set(provider, known);
	return known;
}

function probe(provider: Provider): Promise<string | undefined> {
	const require = createRequire(join(packageRoot(), "package.json"));
	const path = require.resolve("onnxruntime-node");
	const args = ["-e", PROGRAM, path, provider, RELU];
	return new Promise((resolve) => {
		const child = spawn(process.execPath, args, {
			stdio: ["ignore", "ignore", "pipe"],
			env: { ...process.env, NODE_OPTIONS: undefined },
			timeout: 60_000,
		});
		let said = "";
		child.stderr.on("data", (chunk: Buffer) => {
			said += chunk.toString("utf8");
		});
		child.on("error", ({ message }) => resolve(message));
		child.on("close", (code, signal) =>
			resolve(
				code === 0
					? undefined
					: reasonIn(said, `it ended with ${code ?? signal}`),
			),
		);
	});
}

/** The library that the loader names, where it does; else the last line. */
export function reasonIn(said: string, otherwise: string): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: onnxruntime colours its log.
	const plain = said.replace(/\u001b\[[0-9;]*m/g, "");
	const library = /([\w.+-]+\.so[\w.]*): cannot open shared object file/.exec(
		plain,
	)?.[1];
	if (library !== undefined) return `${library} is not there`;
	const adapter = /Failed to get a WebGPU adapter: ([^\n]*)/.exec(plain)?.[1];
	if (adapter !== undefined) return `no WebGPU adapter (${adapter})`;
	const lines = plain.split("\n").filter((line) => line.trim() !== "");
	return printable(lines.at(-1)?.trim().slice(0, 300) ?? otherwise);
}
