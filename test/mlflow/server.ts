import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalServer } from "../../src/mlflow/local-server.ts";

/** A real MLflow on loopback, with its own database. */
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
	const { signal } = new AbortController();
	let server = await startLocalServer(python, folder, 0, signal);
	const { uri } = server;
	return {
		uri,
		kill: () => {
			server.kill();
			return server.ended;
		},
		start: async () => {
			const port = Number(new URL(uri).port);
			server = await startLocalServer(python, folder, port, signal);
		},
		remove: async () => {
			await server.stop();
			rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}
