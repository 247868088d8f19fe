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

export type ComponentName =
	| "torch"
	| "transformers"
	| "keras"
	| "chromium"
	| "mlflow"
	| "mlflow-auth"
	| "mlflow2"
	| "native"
	| "slurm";

/**
 * GRAFT_TEST_PYTHON names a Python with torch, torchvision, onnx, onnxscript and safetensors, for "keras" keras and h5py; GRAFT_TEST_CHROMIUM a
 * Chromium; GRAFT_TEST_MLFLOW a Python with mlflow 3, for "mlflow-auth" mlflow[auth]; GRAFT_TEST_MLFLOW2 one with the last mlflow 2;
 * GRAFT_TEST_NATIVE the folder of `graft setup native`: its path is what GRAFT_NATIVE is to be set to.
 */
export function needs(name: ComponentName): Component {
	if (name === "slurm") return findSlurm();
	if (name === "native") return findNative();
	if (name.startsWith("mlflow")) return findMlflow(name);
	if (name === "torch" || name === "keras" || name === "transformers")
		return findPython(name);
	return findChromium();
}

function findNative(): Component {
	const path = process.env.GRAFT_TEST_NATIVE ?? "";
	return existsSync(`${path}/node_modules/@tensorflow/tfjs-node`)
		? { path, missing: undefined }
		: {
				path: "",
				missing:
					"needs: tfjs-node on TensorFlow (GRAFT_TEST_NATIVE: the folder of graft setup native)",
			};
}

/** Debian's packages munge, slurmctld, slurmd and slurm-client; no cluster has to run. The path is sbatch's. */
function findSlurm(): Component {
	const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin"];
	const find = (program: string) =>
		folders
			.map((folder) => `${folder}/${program}`)
			.find((path) => existsSync(path));
	const missing = ["munged", "slurmctld", "slurmd", "sbatch"].filter(
		(program) => find(program) === undefined,
	);
	return missing.length === 0
		? { path: find("sbatch") ?? "", missing: undefined }
		: {
				path: "",
				missing: `needs: Slurm, which lacks ${missing.join(", ")} here (apt-get install munge slurmctld slurmd slurm-client)`,
			};
}

function findMlflow(name: ComponentName): Component {
	const isOld = name === "mlflow2";
	const variable = isOld ? "GRAFT_TEST_MLFLOW2" : "GRAFT_TEST_MLFLOW";
	const modules = name === "mlflow-auth" ? "'mlflow', 'flask_wtf'" : "'mlflow'";
	for (const path of [process.env[variable], "python3"]) {
		if (!path) continue;
		const probe = spawnSync(path, [
			"-c",
			`import importlib.util as u, importlib.metadata as m, sys; sys.exit(not all(u.find_spec(n) for n in (${modules},)) or m.version('mlflow').startswith('2.') != ${isOld ? "True" : "False"})`,
		]);
		if (probe.status === 0) return { path, missing: undefined };
	}
	const what = { "mlflow-auth": "mlflow[auth]", mlflow2: "mlflow 2.x" };
	return {
		path: "",
		missing: `needs: a Python with ${what[name as keyof typeof what] ?? "mlflow"} (${variable})`,
	};
}

const MODULES = {
	torch: ["torch", "torchvision", "onnx", "onnxscript", "safetensors"],
	keras: ["torch", "keras", "h5py"],
	transformers: ["torch", "onnx", "onnxscript", "safetensors", "transformers"],
} as const;

function findPython(name: keyof typeof MODULES): Component {
	const modules = MODULES[name];
	for (const path of [process.env.GRAFT_TEST_PYTHON, "python3"]) {
		if (!path) continue;
		const probe = spawnSync(path, [
			"-c",
			`import importlib.util as u, sys; sys.exit(not all(u.find_spec(m) for m in ${JSON.stringify(modules)}))`,
		]);
		if (probe.status === 0) return { path, missing: undefined };
	}
	return {
		path: "",
		missing: `needs: a Python with ${modules.slice(0, -1).join(", ")} and ${modules.at(-1)} (GRAFT_TEST_PYTHON)`,
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
