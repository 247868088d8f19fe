import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { on } from "node:events";
import { after, before } from "node:test";
import { openClient } from "../../../src/mlflow/client.ts";
import { type Replayed, replay } from "../../../src/mlflow/replay.ts";
import {
	type Settings,
	trackingSettings,
} from "../../../src/mlflow/settings.ts";
import type { RunContents } from "../../../src/mlflow/types.ts";
import { needs } from "../../support/needs.ts";
import { type MlflowServer, startMlflow } from "../server.ts";

/** One real MLflow for all tests of this folder, and runs to send there. */

export const mlflow = needs("mlflow");
export const real = { skip: mlflow.missing ?? false };
let server: MlflowServer;

before(async () => {
	if (mlflow.missing === undefined) server = await startMlflow(mlflow.path);
});
after(() => server?.remove());

export function serverUri(): string {
	return server.uri;
}

/** No waiting between attempts, unless `env` says otherwise. */
export function settingsFor(
	uri: string,
	env: Readonly<Record<string, string>> = {},
): Settings {
	const settings = trackingSettings(
		{ uri },
		{
			MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: "0.01",
			MLFLOW_HTTP_REQUEST_BACKOFF_JITTER: "0.01",
			...env,
		},
	);
	assert.ok(settings.ok && settings.value);
	return settings.value;
}

/** Sends a run as `graft sync` does. */
export async function send(
	run: RunContents,
	settings = settingsFor(server.uri),
): Promise<Replayed> {
	const client = openClient(settings);
	try {
		return await replay(client, run);
	} finally {
		client.close();
	}
}

/** Sends a run and expects that all of it is there. */
export async function sendWhole(run: RunContents): Promise<string> {
	const { problems, isComplete, target } = await send(run);
	assert.deepEqual(problems, []);
	assert.equal(isComplete, true);
	return target?.runId as string;
}

export async function post(path: string, body: unknown): Promise<Response> {
	return fetch(`${server.uri}/api/2.0/mlflow/${path}`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: typeof body === "string" ? body : JSON.stringify(body),
	});
}

/**
 * What MLflow's own client sees: runs a script in which `c` is an MlflowClient, `mlflow` and `json` are imported and
 * `say(value)` answers. One process for all of them: importing mlflow takes seconds.
 */
// biome-ignore lint/suspicious/noExplicitAny: whatever the script says.
export async function inPython(script: string): Promise<any> {
	python ??= spawn(mlflow.path, ["-c", LOOP, server.uri]);
	const { stdin, stdout, stderr } = python;
	let said = "";
	let complained = "";
	const listen = (data: Buffer) => {
		complained += data;
	};
	stderr.on("data", listen);
	stdin.write(`${JSON.stringify(script)}\n`);
	try {
		for await (const [data] of on(stdout, "data", { close: ["close"] })) {
			said += data;
			const answer = /^SAID (.*)\n/m.exec(said)?.[1];
			if (answer !== undefined) return JSON.parse(answer);
			if (said.includes("FAILED\n")) break;
		}
	} finally {
		stderr.off("data", listen);
	}
	throw new Error(said + complained);
}

let python: ChildProcessWithoutNullStreams | undefined;
after(() => python?.kill());

const LOOP = `
import json, sys, traceback, mlflow
from mlflow import MlflowClient
mlflow.set_tracking_uri(sys.argv[1])
c = MlflowClient()
say = lambda value: print("\\nSAID " + json.dumps(value), flush=True)
for line in sys.stdin:
    try:
        exec(json.loads(line), globals())
    except Exception:
        traceback.print_exc(file=sys.stdout)
        print("FAILED", flush=True)
`;
