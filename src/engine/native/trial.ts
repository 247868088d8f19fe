import { runProgram } from "./programs.ts";

/** What a build that works says of itself. */
export interface Trial {
	/** Version of tfjs-core. */
	readonly version: string;
	/** Whether TensorFlow computes on a GPU. */
	readonly usesGpu: boolean;
}

/** A matrix product and a convolution's gradient, which is zero where kernels are missing. */
const PROGRAM = `
const util = require("node:util");
util.isNullOrUndefined = (value) => value === null || value === undefined;
util.isArray = Array.isArray;
process.env.TF_CPP_MIN_LOG_LEVEL ??= "3";
process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
const tf = require(require.resolve("@tensorflow/tfjs-node", { paths: [process.argv[1]] }));
const product = tf.matMul([[1, 2]], [[3], [4]]).dataSync()[0];
const photo = tf.ones([1, 3, 3, 1]);
const gradient = tf.grad((filter) => tf.conv2d(photo, filter, 1, "valid").sum())(tf.ones([2, 2, 1, 1]));
const [corner] = gradient.dataSync();
if (product !== 11 || corner !== 4) throw new Error("wrong results: " + product + " " + corner);
console.log("\\n" + JSON.stringify({ version: tf.version_core, usesGpu: tf.backend().isUsingGpuDevice }));
`;

/**
 * Loads a build in a process of its own and computes with it.
 * @throws RunError "native-broken".
 */
export async function tryNative(
	folder: string,
	signal?: AbortSignal,
): Promise<Trial> {
	const said = await runProgram(process.execPath, ["-e", PROGRAM, folder], {
		signal,
		// Options meant for Graft's own process, a loader of TypeScript among them, are not for this one.
		env: { NODE_OPTIONS: undefined },
		failure: {
			code: "native-broken",
			fix: "graft setup native --undo, then graft setup native builds it anew",
		},
	});
	const line = said.split("\n").find((text) => text.startsWith("{"));
	return JSON.parse(line ?? "{}") as Trial;
}
