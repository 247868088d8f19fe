import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { artifactPath } from "../../src/mlflow/client.ts";
import { explainPage } from "../../src/mlflow/error-page.ts";
import {
	type Call,
	HttpError,
	openHttp,
	retryAfterMs,
} from "../../src/mlflow/http.ts";
import {
	batches,
	missingFrom,
	pointName,
	withSent,
} from "../../src/mlflow/missing.ts";
import { fromMlflowKey, toMlflowKey } from "../../src/mlflow/names.ts";
import { noteOf } from "../../src/mlflow/note.ts";
import { LONG_PARAMS_FILE, paramsOf } from "../../src/mlflow/params.ts";
import { type Settings, trackingSettings } from "../../src/mlflow/settings.ts";
import type { Contents, Held } from "../../src/mlflow/types.ts";
import { foldJournal } from "../../src/runs/record.ts";
import type { JournalEvent } from "../../src/runs/types.ts";
import { EXPERIMENT, finishedEvents } from "../runs/example-run.ts";
import { root } from "../support/graft.ts";
import { needs } from "../support/needs.ts";

const mlflow = needs("mlflow");

test("the generated messages are those of the descriptor", {
	skip: mlflow.missing ?? false,
}, (context) => {
	const folder = mkdtempSync(join(tmpdir(), "graft-gen-"));
	context.after(() => rmSync(folder, { recursive: true, force: true }));
	const made = spawnSync(mlflow.path, ["src/mlflow/gen/generate.py", folder], {
		cwd: root,
		encoding: "utf8",
	});
	assert.equal(made.status, 0, made.stderr);
	for (const name of ["mlflow_pb.ts", "endpoints.ts"])
		assert.equal(
			readFileSync(join(root, "src/mlflow/gen", name), "utf8"),
			readFileSync(join(folder, name), "utf8"),
			name,
		);
});

test("any key becomes one that MLflow takes, and is read back", () => {
	for (const key of [
		"valid/loss",
		"Größe 2",
		"a@b (50%)",
		"/a//b/",
		"a/./b",
		"../x",
		"_x5f_",
		"_x_",
		"a_x40_b",
		"猫/犬",
		"🐈",
		"",
		".",
		"a\nb",
	]) {
		const sent = toMlflowKey(key);
		assert.match(sent, /^[\p{L}\p{N}_\-. :/]+$/u, key);
		assert.doesNotMatch(sent, /^\/|\/$|\/\/|(^|\/)\.{1,2}(\/|$)/, key);
		assert.equal(fromMlflowKey(sent), key);
	}
	const long = toMlflowKey(`${"layer.".repeat(50)}weight`);
	assert.equal(long.length, 250);
	assert.notEqual(long, toMlflowKey(`${"layer.".repeat(50)}bias`));
});

test("params are spelt as --set reads them, and long ones point to an artifact that holds them whole", () => {
	const freeze = Array.from(
		{ length: 1000 },
		(_, index) => `features.${index}`,
	);
	const { params, long } = paramsOf({
		...EXPERIMENT,
		model: { ...EXPERIMENT.model, freeze },
	});
	assert.equal(params.get("train.optimizer.sgd.momentum"), "0");
	assert.equal(params.get("transforms.0.Resize.size"), "[224,224]");
	assert.equal(params.get("model.head.linear.bias"), "true");
	assert.ok((params.get("model.freeze") as string).length < 6000);
	assert.match(
		params.get("model.freeze") as string,
		new RegExp(LONG_PARAMS_FILE),
	);
	assert.deepEqual(JSON.parse(long["model.freeze"] as string), freeze);
	assert.deepEqual([...params.keys()], [...params.keys()].sort());
});

test("a note that is too long for a tag says where it was cut", () => {
	const events = finishedEvents("note").map(
		(event) => ({ time: "2026-11-24T09:00:00.000Z", ...event }) as JournalEvent,
	);
	const record = foldJournal({ events, damagedLines: [] }, "/runs/note");
	const warnings = Array.from({ length: 200 }, () => ({
		code: "w",
		message: "x".repeat(100),
	}));
	const note = noteOf({ ...record, warnings });
	assert.equal(note.length, 8000);
	assert.match(note, /cut here: the journal is among the artifacts\.$/);
});

test("what is missing is what was not sent: nothing, once all was", () => {
	const wanted: Contents = {
		params: new Map([["a", "1"]]),
		tags: new Map([["t", "x"]]),
		points: [1, Number.NaN, Number.POSITIVE_INFINITY].map((value, step) => ({
			key: "m",
			value,
			step,
			timestamp: 5,
		})),
		datasets: [
			{
				name: "d",
				digest: "1",
				context: "train",
				source: "",
				schema: "",
				profile: "",
			},
		],
		artifacts: [{ path: "f", size: 3, content: { text: "abc" } }],
	};
	const none: Held = {
		params: new Map(),
		tags: new Map([["t", "a person's own"]]),
		points: new Set(),
		datasets: new Set(),
		artifacts: new Map([["f", 2]]),
		status: "RUNNING",
		endTime: undefined,
	};
	const missing = missingFrom(none, wanted);
	assert.deepEqual(missing, { ...wanted, tags: new Map() });
	const empty = missingFrom(withSent(none, missing), wanted);
	assert.deepEqual(empty, {
		params: new Map(),
		tags: new Map(),
		points: [],
		datasets: [],
		artifacts: [],
	});
	// What MLflow's database makes of an infinity.
	assert.equal(
		pointName({ key: "m", value: Number.MAX_VALUE, step: 2, timestamp: 5 }),
		pointName({
			key: "m",
			value: Number.POSITIVE_INFINITY,
			step: 2,
			timestamp: 5,
		}),
	);
});

test("batches keep to the number of items and to the size of a request", () => {
	assert.deepEqual(batches([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
	assert.deepEqual(
		batches([1, 2, 3], 10, () => 300_000),
		[[1], [2], [3]],
	);
	assert.deepEqual(batches([], 2), []);
});

test("an artifact's path is encoded part by part", () => {
	assert.equal(
		artifactPath("mlflow-artifacts:/1/abc/artifacts", "a b/ä#.txt"),
		"/api/2.0/mlflow-artifacts/artifacts/1/abc/artifacts/a%20b/%C3%A4_x23_.txt",
	);
	assert.equal(
		artifactPath("mlflow-artifacts://host:5000/1/x", "y"),
		"/api/2.0/mlflow-artifacts/artifacts/1/x/y",
	);
});

function settings(env: Record<string, string>, uri?: string): Settings {
	const found = trackingSettings(uri === undefined ? undefined : { uri }, env);
	assert.ok(found.ok && found.value);
	return found.value;
}

test("the environment variables of MLflow's Python client count", () => {
	const named = settings({
		MLFLOW_TRACKING_URI: "http://user:pass@host:5000/prefix/",
		MLFLOW_TRACKING_TOKEN: "t",
		MLFLOW_EXPERIMENT_NAME: "e",
		MLFLOW_HTTP_REQUEST_TIMEOUT: "7",
		MLFLOW_HTTP_REQUEST_MAX_RETRIES: "9",
		MLFLOW_TRACKING_INSECURE_TLS: "true",
	});
	assert.equal(named.uri, "http://host:5000/prefix");
	assert.equal(named.authorization, `Basic ${btoa("user:pass")}`);
	assert.equal(named.experiment, "e");
	assert.deepEqual([named.timeoutSeconds, named.retries], [7, 9]);
	assert.equal(named.tls.rejectUnauthorized, false);
	assert.equal(
		settings({ MLFLOW_TRACKING_TOKEN: "t" }, "https://h").authorization,
		"Bearer t",
	);
	const none = trackingSettings(undefined, {});
	assert.deepEqual(none.ok && none.value, undefined);
	const wrong = trackingSettings(undefined, {
		MLFLOW_TRACKING_URI: "sqlite:///x.db",
	});
	assert.equal(wrong.ok || wrong.diagnostics[0]?.code, "tracking-uri");
	const missing = trackingSettings(
		{ uri: "https://h" },
		{ MLFLOW_TRACKING_SERVER_CERT_PATH: "/no/such.pem" },
	);
	assert.equal(missing.ok || missing.diagnostics[0]?.code, "tracking-file");
});

test("pages of servers and proxies become one line", () => {
	const html =
		"<html><head><title>502 Bad Gateway</title><style>a{}</style></head><body><center>nginx &amp; co</center></body></html>";
	assert.equal(explainPage(502, html).message, "502 Bad Gateway nginx & co");
	assert.match(
		explainPage(401, "<title>Unauthorized</title>").message,
		/^Unauthorized \(set MLFLOW_TRACKING_USERNAME/,
	);
	assert.match(
		explainPage(403, "Invalid Host header").message,
		/^Invalid Host header \(.*--allowed-hosts/,
	);
	assert.deepEqual(
		explainPage(
			404,
			'{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"No run"}',
		),
		{
			message: "RESOURCE_DOES_NOT_EXIST: No run",
			errorCode: "RESOURCE_DOES_NOT_EXIST",
		},
	);
});

test("Retry-After is seconds or a date, two minutes at most", () => {
	assert.equal(retryAfterMs("3"), 3000);
	assert.equal(
		retryAfterMs("Tue, 24 Nov 2026 09:00:05 GMT", Date.UTC(2026, 10, 24, 9)),
		5000,
	);
	assert.equal(retryAfterMs("9999"), 120_000);
	assert.equal(retryAfterMs("soon"), undefined);
});

/** Answers each request by the next listener, the last one for all that follow. */
async function answering(
	context: TestContext,
	...listeners: RequestListener[]
) {
	let asked = 0;
	const server = createServer((incoming, out) => {
		const listener = listeners[
			Math.min(asked++, listeners.length - 1)
		] as RequestListener;
		incoming.resume().on("end", () => listener(incoming, out));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	context.after(() => {
		server.closeAllConnections();
		server.close();
	});
	const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const quick = {
		MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: "0.01",
		MLFLOW_HTTP_REQUEST_BACKOFF_JITTER: "0",
		MLFLOW_HTTP_REQUEST_TIMEOUT: "0.3",
	};
	const http = openHttp(settings(quick, uri));
	context.after(http.close);
	return { http, asked: () => asked };
}

const GET: Call = { method: "GET", path: "/x", isRepeatable: true };
const good: RequestListener = (_, out) => void out.end("good");
const busy: RequestListener = (_, out) =>
	void out.writeHead(503, { "retry-after": "0" }).end();
const cut: RequestListener = (incoming) => void incoming.socket.destroy();
const silent: RequestListener = () => undefined;

test("a busy server, a cut line and silence are tried again", async (context) => {
	const { http, asked } = await answering(context, busy, cut, silent, good);
	assert.equal(await http.send(GET), "good");
	assert.equal(asked(), 4);
});

test("a call that may not be done twice is not repeated once it may have been done", async (context) => {
	const { http, asked } = await answering(context, cut, good);
	await assert.rejects(
		http.send({ ...GET, isRepeatable: false }),
		(error) => error instanceof HttpError && error.status === undefined,
	);
	assert.equal(asked(), 1);
});

test("a mistake of ours is not repeated, and retries end", async (context) => {
	const wrong = await answering(
		context,
		(_, out) => void out.writeHead(400).end("no"),
		good,
	);
	await assert.rejects(wrong.http.send(GET), /400 no/);
	assert.equal(wrong.asked(), 1);
	const never = await answering(context, busy);
	await assert.rejects(never.http.send(GET), /503/);
	assert.equal(never.asked(), 4);
});
