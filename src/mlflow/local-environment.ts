import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../diagnostic.ts";
import { makeFolder } from "../make-folder.ts";

/** A private Python with a pinned MLflow: found, or made with uv, or with Python's own venv and pip. */

export const MLFLOW_VERSION = "3.17.2";

/**
 * A Python that can import mlflow: GRAFT_MLFLOW_PYTHON, else the environment under `cacheFolder`, which is
 * made on the first call (10 s and 620 MB with uv, about a minute with pip).
 * @throws RunError "mlflow-python" where there is neither uv nor Python, "mlflow-install" where installing fails.
 */
export async function mlflowPython(
	cacheFolder: string,
	say: (text: string) => void,
): Promise<string> {
	const given = process.env.GRAFT_MLFLOW_PYTHON;
	if (given) {
		if (canImport(given)) return given;
		throw new RunError(
			"mlflow-python",
			`GRAFT_MLFLOW_PYTHON is ${given}, which cannot import mlflow`,
			{
				fix: `install it there: ${given} -m pip install mlflow==${MLFLOW_VERSION}`,
			},
		);
	}
	const folder = join(cacheFolder, `mlflow-${MLFLOW_VERSION}`);
	const python = pythonIn(folder);
	if (existsSync(python) && canImport(python)) return python;
	say(
		`installing MLflow ${MLFLOW_VERSION} into ${folder} (once, about 700 MB)\n`,
	);
	makeFolder(cacheFolder);
	const wanted = `mlflow==${MLFLOW_VERSION}`;
	if (runs("uv", ["--version"])) {
		await install("uv", ["venv", "--quiet", "--clear", folder]);
		await install("uv", [
			"pip",
			"install",
			"--quiet",
			"--python",
			python,
			wanted,
		]);
		return python;
	}
	const system = ["python3", "python"].find((name) => runs(name, RECENT));
	if (system === undefined)
		throw new RunError(
			"mlflow-python",
			"MLflow's pages need Python: there is neither uv nor a Python 3.10 or newer on the PATH",
			{
				fix: "install uv (https://docs.astral.sh/uv) or Python; runs, graft show and report.html need neither",
			},
		);
	await install(system, ["-m", "venv", "--clear", folder]);
	await install(python, ["-m", "pip", "install", "--quiet", wanted]);
	return python;
}

/** Ends well in a Python that MLflow can be installed into. */
const RECENT = [
	"-c",
	"import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))",
];

function pythonIn(folder: string): string {
	return process.platform === "win32"
		? join(folder, "Scripts", "python.exe")
		: join(folder, "bin", "python");
}

function canImport(python: string): boolean {
	const look =
		"import importlib.util as u, sys; sys.exit(u.find_spec('mlflow') is None)";
	return runs(python, ["-c", look]);
}

function runs(program: string, args: readonly string[]): boolean {
	return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}

/** Its talk goes to our stderr. */
async function install(
	program: string,
	args: readonly string[],
): Promise<void> {
	const child = spawn(program, args, { stdio: ["ignore", 2, 2] });
	const code = await new Promise<number | string | null>((resolve) => {
		child.on("error", (error) => resolve(error.message));
		child.on("close", resolve);
	});
	if (code !== 0)
		throw new RunError(
			"mlflow-install",
			`${program} ${args.join(" ")} ended with ${code}`,
			{ fix: "its own message stands above; graft mlflow again begins anew" },
		);
}
