import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A real MLflow on loopback, with its own database, in a process group of its own. */
export interface MlflowServer {
	readonly uri: string;
	/** kill -9 of the whole group. */
	readonly kill: () => Promise<void>;
	/** On the same port and database. */
	readonly start: () => Promise<void>;
	/** Ends it and removes its database. */
	readonly remove: () => Promise<void>;
}

/** Takes about 25 s: the database is made anew. */
export async function startMlflow(python: string): Promise<MlflowServer> {
	const folder = mkdtempSync(join(tmpdir(), "graft-mlflow-"));
	const port = await freePort();
	const uri = `http://127.0.0.1:${port}`;
	let child: ChildProcess | undefined;

	async function start(): Promise<void> {
		const log = openSync(join(folder, "server.log"), "a");
		child = spawn(
			python,
			[
				...["-m", "mlflow", "server", "--host", "127.0.0.1"],
				...["--port", String(port), "--workers", "1"],
				...["--backend-store-uri", `sqlite:///${join(folder, "mlflow.db")}`],
				...["--artifacts-destination", join(folder, "artifacts")],
			],
			{
				cwd: folder,
				detached: true,
				stdio: ["ignore", log, log],
				env: {
					...process.env,
					MLFLOW_DISABLE_TELEMETRY: "true",
					MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
				},
			},
		);
		for (let look = 0; look < 600; look++) {
			if (await isHealthy(uri)) return;
			if (child.exitCode !== null)
				throw new Error(`MLflow ended with ${child.exitCode}: see ${folder}`);
			await sleep(200);
		}
		throw new Error(`MLflow is not ready after 120 s: see ${folder}`);
	}

	async function kill(): Promise<void> {
		const ended = child;
		child = undefined;
		if (ended?.pid === undefined) return;
		const exit = new Promise((resolve) => ended.once("exit", resolve));
		process.kill(-ended.pid, "SIGKILL");
		await exit;
	}

	await start();
	return {
		...{ uri, kill, start },
		remove: async () => {
			await kill();
			rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}

async function isHealthy(uri: string): Promise<boolean> {
	try {
		return (await fetch(`${uri}/health`)).ok;
	} catch {
		return false;
	}
}

function freePort(): Promise<number> {
	return new Promise((resolve) => {
		const server = createServer();
		server.listen(0, "127.0.0.1", () => {
			const { port } = server.address() as { port: number };
			server.close(() => resolve(port));
		});
	});
}
