import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RunError } from "../diagnostic.ts";
import { makeFolder } from "../make-folder.ts";

/** An MLflow server on loopback, in a process group of its own: ending the parent alone would leave its workers. */
export interface LocalServer {
	readonly uri: string;
	/** Resolves when the server ends by itself. */
	readonly ended: Promise<void>;
	/** Ends the whole group and waits for it. */
	readonly stop: () => Promise<void>;
	/** The same without waiting, for a process that ends now. */
	readonly kill: () => void;
}

/** Seconds that a server may take to be ready; a new database alone takes 28. */
const READY_SECONDS = 180;

/**
 * Starts it on `folder`: mlflow.db (sqlite), artifacts/ and server.log; `more` are options of mlflow server. Aborting `signal` ends the wait for it.
 * @throws RunError "mlflow-server" when it ends or is not ready in time.
 */
export async function startLocalServer(
	python: string,
	folder: string,
	wantedPort: number,
	signal: AbortSignal,
	more: readonly string[] = [],
): Promise<LocalServer> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await launch(python, folder, wantedPort, signal, more);
		} catch (error) {
			// Between the look for a free port and MLflow's own use of it seconds pass.
			if (attempt === ATTEMPTS || !wasPortTaken(folder)) throw error;
		}
	}
}

/** Ports that are tried one after the other. */
const ATTEMPTS = 3;

function wasPortTaken(folder: string): boolean {
	const log = readFileSync(join(folder, LOG), "utf8");
	return /address already in use/i.test(log.slice(-2000));
}

const LOG = "server.log";

async function launch(
	python: string,
	folder: string,
	wantedPort: number,
	signal: AbortSignal,
	more: readonly string[],
): Promise<LocalServer> {
	makeFolder(folder);
	const port = await freePort(wantedPort);
	const log = join(folder, LOG);
	const output = openSync(log, "a");
	const child = spawn(
		python,
		[
			...["-m", "mlflow", "server", "--host", "127.0.0.1"],
			...["--port", String(port), "--workers", "1"],
			...["--backend-store-uri", `sqlite:///${join(folder, "mlflow.db")}`],
			...["--artifacts-destination", join(folder, "artifacts")],
			...more,
		],
		{
			cwd: folder,
			detached: process.platform !== "win32",
			stdio: ["ignore", output, output],
			env: {
				...process.env,
				MLFLOW_DISABLE_TELEMETRY: "true",
				MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
			},
		},
	);
	const ended = new Promise<void>((resolve) => {
		child.once("exit", () => resolve());
		child.once("error", () => resolve());
	});
	const kill = () => signalGroup(child, "SIGKILL");
	process.once("exit", kill);
	const server: LocalServer = {
		...{ uri: `http://127.0.0.1:${port}`, ended, kill },
		stop: async () => {
			signalGroup(child, "SIGTERM");
			await Promise.race([ended, sleep(5000, undefined, { ref: false })]);
			// Workers may outlive their parent.
			kill();
			process.off("exit", kill);
		},
	};
	await ready(server, log, signal);
	return server;
}

async function ready(
	server: LocalServer,
	log: string,
	signal: AbortSignal,
): Promise<void> {
	let isOver = false;
	server.ended.then(() => {
		isOver = true;
	});
	const until = Date.now() + READY_SECONDS * 1000;
	while (!isOver && Date.now() < until) {
		if (signal.aborted || (await isHealthy(server.uri))) return;
		await sleep(200);
	}
	server.kill();
	throw new RunError(
		"mlflow-server",
		`MLflow ${isOver ? "ended before it was ready" : `was not ready after ${READY_SECONDS} s`}; what it said is in ${log}`,
		{ fix: "read the last lines of that file" },
	);
}

async function isHealthy(uri: string): Promise<boolean> {
	try {
		return (await fetch(`${uri}/health`)).ok;
	} catch {
		return false;
	}
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
	if (pid === undefined) return;
	try {
		process.kill(process.platform === "win32" ? pid : -pid, signal);
	} catch {
		// The group is gone.
	}
}

/** The wanted port, or any where that is taken. */
function freePort(wanted: number): Promise<number> {
	return new Promise((resolve, reject) => {
		const probe = createServer();
		probe.once("error", (error) =>
			wanted === 0 ? reject(error) : resolve(freePort(0)),
		);
		probe.listen(wanted, "127.0.0.1", () => {
			const { port } = probe.address() as { port: number };
			probe.close(() => resolve(port));
		});
	});
}
