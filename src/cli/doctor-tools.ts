import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findCompiler, findNpm, findPython } from "../engine/native/checks.ts";
import { ask } from "../engine/native/programs.ts";
import { MLFLOW_VERSION } from "../mlflow/local-environment.ts";
import type { Finding } from "./doctor.ts";

/** Programs of the system: what builds the native backend, GPU, Slurm, git. */
export async function toolFindings(cache: string): Promise<readonly Finding[]> {
	return [
		python(),
		...[findCompiler(), findNpm()].map((found, index): Finding => {
			const name = ["compiler", "npm"][index] ?? "";
			return "program" in found
				? {
						...{ status: "ok", name },
						text: `${found.program} ${ask(found.program, ["--version"]) ?? ""}`,
					}
				: {
						...{ status: "none", name },
						text: `${found.what} is missing: graft setup native needs it`,
						fix: found.fix,
					};
		}),
		gpu(),
		slurm(),
		program("git", ["--version"], "runs are recorded without their commit"),
		mlflowHere(cache),
	];
}

function python(): Finding {
	const name = "Python";
	const found = findPython();
	if ("what" in found)
		return {
			...{ status: "none", name },
			text: `${found.what} is missing: graft setup and graft mlflow need it`,
			fix: found.fix,
		};
	const version = ask(found.program, ["--version"]) ?? "";
	const modules = ask(found.program, ["-c", MODULES]);
	return {
		...{ status: "ok", name },
		text: `${version.replace("Python ", "")} with pip${modules ? `, ${modules}` : ""}`,
	};
}

/** Graft needs none of them; whoever compares does. */
const MODULES = `
import importlib.metadata as m
found = []
for name in ("torch", "torchvision", "onnx", "mlflow", "timm"):
    try: found.append(name + " " + m.version(name))
    except Exception: pass
print(", ".join(found))
`;

function gpu(): Finding {
	const query = ["--query-gpu=name,memory.total,driver_version"];
	const answer = ask("nvidia-smi", [...query, "--format=csv,noheader"]);
	if (answer !== undefined && answer !== "")
		return { status: "ok", name: "GPU", text: answer };
	const hasDriver = existsSync("/proc/driver/nvidia/version");
	return hasDriver
		? {
				...{ status: "bad", name: "GPU" },
				text: "NVIDIA's driver is there, but nvidia-smi does not answer",
				fix: "install nvidia-smi of the same version (package nvidia-utils), or restart after a driver update",
			}
		: { status: "none", name: "GPU", text: "no NVIDIA driver" };
}

function slurm(): Finding {
	const version = ask("sbatch", ["--version"]);
	const name = "Slurm";
	if (version === undefined && isOnPath("sbatch"))
		return {
			...{ status: "bad", name },
			text: "sbatch is there, and finds no cluster",
			fix: "sbatch --version shows why: a slurm.conf, or SLURM_CONF, is what it looks for",
		};
	if (version === undefined)
		return { status: "none", name, text: "no sbatch on the PATH" };
	const partitions = ask("sinfo", ["--noheader", "--format=%P"]);
	return partitions === undefined
		? {
				...{ status: "bad", name },
				text: `${version}, but its controller does not answer`,
				fix: "scontrol ping shows why",
			}
		: { status: "ok", name, text: version };
}

function isOnPath(program: string): boolean {
	const folders = (process.env.PATH ?? "").split(delimiter);
	return folders.some((folder) => existsSync(join(folder, program)));
}

function program(
	name: string,
	args: readonly string[],
	without: string,
): Finding {
	const version = ask(name, args);
	return version === undefined
		? { status: "none", name, text: `not on the PATH: ${without}` }
		: { status: "ok", name, text: version.replace(/^git version /, "") };
}

function mlflowHere(cache: string): Finding {
	const folder = join(cache, `mlflow-${MLFLOW_VERSION}`);
	const name = "MLflow's pages";
	return existsSync(folder) || process.env.GRAFT_MLFLOW_PYTHON
		? {
				...{ status: "ok", name },
				text: process.env.GRAFT_MLFLOW_PYTHON || folder,
			}
		: {
				...{ status: "none", name },
				text: "not installed yet",
				fix: "graft mlflow installs and opens them",
			};
}
