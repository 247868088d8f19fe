import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
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

/** Takes 10 to 25 s: the database is made anew. `more` are options of mlflow server. */
export async function startMlflow(
	python: string,
	more: readonly string[] = [],
): Promise<MlflowServer> {
	const folder = mkdtempSync(join(tmpdir(), "graft-mlflow-"));
	const { signal } = new AbortController();
	let server = await startLocalServer(python, folder, 0, signal, more);
	const { uri } = server;
	return {
		uri,
		kill: async () => {
			server.kill();
			await server.ended;
			// A worker may hold the port a moment longer than its parent lives.
			while (await isListening(uri)) await sleep(50);
		},
		start: async () => {
			const port = Number(new URL(uri).port);
			server = await startLocalServer(python, folder, port, signal, more);
			assert.equal(server.uri, uri, "the port was taken meanwhile");
		},
		remove: async () => {
			await server.stop();
			rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}

function isListening(uri: string): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(Number(new URL(uri).port), "127.0.0.1");
		socket.once("error", () => resolve(false));
		socket.once("connect", () => {
			socket.destroy();
			resolve(true);
		});
	});
}
