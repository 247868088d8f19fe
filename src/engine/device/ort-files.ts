import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { packageRoot } from "../../paths.ts";

/** The folder of onnxruntime's own libraries, in which it looks for those of its providers. */
export function ortFolder(): string {
	const require = createRequire(join(packageRoot(), "package.json"));
	const home = dirname(dirname(require.resolve("onnxruntime-node")));
	const { platform, arch } = process;
	return join(home, "bin/napi-v6", platform, arch);
}

/** Of the CUDA provider, whether it is there or not. */
export function cudaProviderFile(): string {
	return join(ortFolder(), "libonnxruntime_providers_cuda.so");
}
