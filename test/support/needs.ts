import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/**
 * Real components that some tests need. A test whose component is missing is skipped with a reason
 * that names the component; the runner prints those reasons in its summary, and under GRAFT_TEST_ALL=1
 * (`.ci/run`) it counts each as a failure.
 *
 *   const torch = needs("torch");
 *   test("equals torchvision", { skip: torch.missing }, () => { … torch.path … });
 */
export interface Component {
	/** The program to run: a Python that can import it, or a binary. */
	readonly path: string;
	/** Undefined when it is there; else the reason for the skip. */
	readonly missing: string | undefined;
}

export type ComponentName = "torch" | "chromium" | "mlflow";

/**
 * GRAFT_TEST_PYTHON names a Python with torch, torchvision, onnx, onnxscript and safetensors; GRAFT_TEST_CHROMIUM a
 * Chromium; GRAFT_TEST_MLFLOW a Python with mlflow.
 */
export function needs(name: ComponentName): Component {
	if (name === "mlflow") return findMlflow();
	return name === "torch" ? findTorch() : findChromium();
}

function findMlflow(): Component {
	for (const path of [process.env.GRAFT_TEST_MLFLOW, "python3"]) {
		if (!path) continue;
		const probe = spawnSync(path, [
			"-c",
			"import importlib.util as u, sys; sys.exit(u.find_spec('mlflow') is None)",
		]);
		if (probe.status === 0) return { path, missing: undefined };
	}
	return {
		path: "",
		missing: "needs: a Python with mlflow (GRAFT_TEST_MLFLOW)",
	};
}

function findTorch(): Component {
	for (const path of [process.env.GRAFT_TEST_PYTHON, "python3"]) {
		if (!path) continue;
		const probe = spawnSync(path, [
			"-c",
			"import importlib.util as u, sys; sys.exit(not all(u.find_spec(m) for m in ('torch', 'torchvision', 'onnx', 'onnxscript', 'safetensors')))",
		]);
		if (probe.status === 0) return { path, missing: undefined };
	}
	return {
		path: "",
		missing:
			"needs: a Python with torch, torchvision, onnx, onnxscript and safetensors (GRAFT_TEST_PYTHON)",
	};
}

function findChromium(): Component {
	for (const path of [
		process.env.GRAFT_TEST_CHROMIUM,
		"/usr/bin/chromium",
		"/usr/bin/chromium-browser",
		"/usr/bin/google-chrome",
	]) {
		if (path && existsSync(path)) return { path, missing: undefined };
	}
	return { path: "", missing: "needs: Chromium (GRAFT_TEST_CHROMIUM)" };
}
