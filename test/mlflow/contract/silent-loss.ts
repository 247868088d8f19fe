import assert from "node:assert/strict";
import test from "node:test";
import { openProxy } from "../proxy.ts";
import {
	inPython,
	post,
	real,
	send,
	sendWhole,
	serverUri,
	settingsFor,
} from "./fixture.ts";
import { pointAt, runOf, START, textFile } from "./runs.ts";

/** MLflow's parser drops what follows a field it cannot read, and the server answers 200 all the same. */

async function emptyRun(): Promise<string> {
	const made = await post("runs/create", { experiment_id: "0" });
	const { run } = (await made.json()) as { run: { info: { run_id: string } } };
	return run.info.run_id;
}

interface Stored {
	readonly info: { readonly status: string };
	readonly data: Readonly<Record<"metrics" | "params" | "tags", unknown[]>>;
}

async function storedOf(runId: string): Promise<Stored> {
	const answer = await fetch(
		`${serverUri()}/api/2.0/mlflow/runs/get?run_id=${runId}`,
	);
	const { run } = (await answer.json()) as { run: Stored };
	return run;
}

const timestamp = START;
const good = { key: "good", value: 2, timestamp, step: 1 };
const metric = (change: object) => ({
	metrics: [{ key: "bad", value: 1, timestamp, step: 1, ...change }, good],
});

const SLOPPY: Readonly<Record<string, object | string>> = {
	"a fractional timestamp": metric({ timestamp: timestamp + 0.5 }),
	"a fractional step": metric({ step: 1.5 }),
	"the word nan": metric({ value: "nan" }),
	"a bare NaN": JSON.stringify(metric({ value: "@" })).replace('"@"', "NaN"),
	"a number beyond doubles": JSON.stringify(metric({ value: "@" })).replace(
		'"@"',
		"1e400",
	),
	"a numeric param": {
		params: [
			{ key: "bad", value: 1 },
			{ key: "good", value: "2" },
		],
	},
	"half a character": {
		params: [
			{ key: "bad", value: "\ud83d" },
			{ key: "good", value: "2" },
		],
	},
	"a tag that is no text": {
		tags: [
			{ key: "bad", value: true },
			{ key: "good", value: "2" },
		],
	},
};

for (const [what, body] of Object.entries(SLOPPY))
	test(
		`the server still answers 200 to ${what} and loses what follows it`,
		real,
		async () => {
			const run_id = await emptyRun();
			const text = typeof body === "string" ? body : JSON.stringify(body);
			const answer = await post(
				"runs/log-batch",
				`{"run_id":"${run_id}",${text.slice(1)}`,
			);
			assert.equal(answer.status, 200);
			const { data } = await storedOf(run_id);
			assert.equal(JSON.stringify(data).includes("good"), false);
		},
	);

test(
	"the server still answers 200 to a status it does not know and keeps the old one",
	real,
	async () => {
		const run_id = await emptyRun();
		const answer = await post("runs/update", { run_id, status: "DONE" });
		assert.equal(answer.status, 200);
		assert.equal((await storedOf(run_id)).info.status, "RUNNING");
	},
);

test(
	"Graft writes each of them so that it is read back equal",
	real,
	async () => {
		const values = [
			Number.NaN,
			Number.POSITIVE_INFINITY,
			Number.NEGATIVE_INFINITY,
			5e-324,
			-2.5e-308,
			Number.MAX_VALUE,
			0.1 + 0.2,
			1e21,
			-0,
		];
		const runId = await sendWhole(
			runOf("written", {
				points: [
					...values.map((value, index) => pointAt(index, value, "odd")),
					...[-5, 2 ** 31, 2 ** 53, 2 ** 62].map((step) =>
						pointAt(step, 1, "steps"),
					),
				],
				params: new Map([
					["number", "1"],
					["half", "a\ufffdb"],
					["nothing", ""],
					["control", "\u0000\u0001\u2028 \u007f"],
				]),
				tags: new Map([["half", "a\ud83db"]]),
			}),
		);
		const seen = await inPython(`
r = c.get_run("${runId}")
h = lambda k: [[m.step, m.timestamp, repr(m.value)] for m in c.get_metric_history(r.info.run_id, k)]
say({"odd": h("odd"), "steps": sorted(h("steps")), "params": r.data.params, "half": r.data.tags["half"], "status": r.info.status, "end": r.info.end_time})`);
		assert.deepEqual(
			seen.odd.map((point: unknown[]) => point[2]),
			[
				...["nan", "1.7976931348623157e+308", "-1.7976931348623157e+308"],
				...["5e-324", "-2.5e-308", "1.7976931348623157e+308"],
				...["0.30000000000000004", "1e+21", "0.0"],
			],
		);
		assert.equal(seen.odd[0][1], START + 1);
		assert.deepEqual(
			seen.steps.map((point: unknown[]) => point[0]),
			[-5, 2 ** 31, 2 ** 53, 2 ** 62],
		);
		assert.deepEqual(seen.params, {
			number: "1",
			half: "a\ufffdb",
			nothing: "",
			control: "\u0000\u0001\u2028 \u007f",
		});
		assert.equal(seen.half, "a\ufffdb");
		assert.deepEqual([seen.status, seen.end], ["FINISHED", START + 5000]);
	},
);

test(
	"what the server refuses keeps nothing else back, and is told",
	real,
	async () => {
		const { problems, left, isComplete, target } = await send(
			runOf("refused", {
				params: new Map([["a@b", "1"]]),
				points: [pointAt(1, 0.5)],
				artifacts: [textFile("a.txt", "a")],
			}),
		);
		assert.equal(isComplete, false);
		assert.match(
			problems.join(),
			/log-batch: 400 INVALID_PARAMETER_VALUE: .*a@b/,
		);
		assert.deepEqual(left, { ...left, params: 1, points: 0, artifacts: 0 });
		const stored = await storedOf(target?.runId as string);
		assert.equal(stored.info.status, "FINISHED");
	},
);

test(
	"a server that answers 200 and stores nothing of one kind is told by what it lacks",
	real,
	async (context) => {
		const run = runOf("forgetful", {
			params: new Map([["p", "1"]]),
			points: [pointAt(1, 1), pointAt(2, 1)],
			artifacts: [textFile("a.txt", "a")],
		});
		for (const [kind, path, said] of [
			[
				"everything in batches",
				/log-batch/,
				/took 1 params, 2 points with a good answer/,
			],
			["files", /mlflow-artifacts/, /took 1 artifacts with a good answer/],
			["the end", /runs\/update/, undefined],
		] as const) {
			const proxy = await openProxy(serverUri(), (url) =>
				path.test(url) ? "swallow" : "pass",
			);
			context.after(proxy.close);
			const outcome = await send(
				{ ...run, identity: { ...run.identity, runId: kind } },
				settingsFor(proxy.uri),
			);
			assert.equal(outcome.isComplete, false, kind);
			assert.match(outcome.problems.join(), said ?? /./, kind);
		}
	},
);

test(
	"a page that is no answer of MLflow's is told as one",
	real,
	async (context) => {
		const page = "<!doctype html><title>Sign in</title><p>Please sign in";
		const proxy = await openProxy(serverUri(), () => "swallow", 0, page);
		context.after(proxy.close);
		const { problems } = await send(runOf("page", {}), settingsFor(proxy.uri));
		assert.match(
			problems.join(),
			/get-by-name: this is no answer of MLflow's: Sign in Please sign in/,
		);
	},
);
