import { renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { makeFolder } from "../../make-folder.ts";
import { packageRoot } from "../../paths.ts";
import type { NativeKind } from "./place.ts";
import { runProgram } from "./programs.ts";

/**
 * tfjs-node's addon, compiled from its own two files against TensorFlow's C interface, and the small addon that
 * keeps TensorFlow's talk off the terminal. One call of the compiler each does what the package's node-gyp does,
 * with the headers of the npm package node-api-headers: no make, no headers of Node need to be here.
 */

/** Where the addon is loaded from, in the package. */
const ADDON = "lib/napi-v8/tfjs_binding.node";
/** In the folder of the build. */
export const QUIET_ADDON = "quiet.node";

/** @throws RunError "native-compile". */
export async function compileAddons(
	folder: string,
	kind: NativeKind,
	compiler: string,
	signal?: AbortSignal,
): Promise<void> {
	const home = join(folder, "node_modules/@tensorflow/tfjs-node");
	linkTensorflow(folder, home, kind);
	const headers = join(folder, "node_modules/node-api-headers/include");
	const deps = join(home, "deps");
	await compile(compiler, join(home, ADDON), signal, [
		"-DNAPI_VERSION=8",
		"-DNODE_GYP_MODULE_NAME=tfjs_binding",
		...[`-I${headers}`, `-I${deps}/include`, `-I${dirname(home)}`],
		...["tfjs_backend.cc", "tfjs_binding.cc"].map((file) =>
			join(home, "binding", file),
		),
		...[`-L${deps}/lib`, "-ltensorflow", "-ltensorflow_framework"],
		"-Wl,-rpath,$ORIGIN/../../deps/lib",
	]);
	await compile(compiler, join(folder, QUIET_ADDON), signal, [
		...["-DNAPI_VERSION=8", "-DNODE_GYP_MODULE_NAME=quiet", `-I${headers}`],
		join(packageRoot(), "src/engine/native/quiet.cc"),
		"-ldl",
	]);
}

/** The places in which the addon looks for its libraries; relative, so that the folder can be moved. */
function linkTensorflow(folder: string, home: string, kind: NativeKind): void {
	const deps = join(home, "deps");
	rmSync(deps, { recursive: true, force: true });
	makeFolder(join(deps, "lib"));
	const link = (target: string, place: string) =>
		symlinkSync(
			relative(dirname(join(deps, place)), join(folder, target)),
			join(deps, place),
		);
	link("tensorflow/include", "include");
	for (const library of ["tensorflow_cc", "tensorflow_framework"]) {
		const file = `lib${library}.so.2`;
		link(`tensorflow/${file}`, `lib/${file}`);
		symlinkSync(file, join(deps, `lib/lib${library.replace("_cc", "")}.so`));
	}
	if (kind === "cpu") return;
	// TensorFlow's run path leads to ../nvidia/*/lib, but for cusolver, which only a path to TensorRT would reach.
	link("nvidia", "nvidia");
	link("nvidia/cusolver/lib", "tensorrt");
}

async function compile(
	compiler: string,
	target: string,
	signal: AbortSignal | undefined,
	args: readonly string[],
): Promise<void> {
	makeFolder(dirname(target));
	const temporary = `${target}.tmp`;
	const common = ["-std=c++17", "-O2", "-fPIC", "-shared", "-w"];
	await runProgram(compiler, [...common, "-o", temporary, ...args], {
		signal,
		failure: {
			code: "native-compile",
			fix: "the compiler's own words stand above; it must know C++17 (g++ 8 or newer): CXX names another",
		},
	});
	renameSync(temporary, target);
}
