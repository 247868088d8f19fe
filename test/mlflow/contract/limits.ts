import assert from "node:assert/strict";
import test from "node:test";
import { fromMlflowKey, toMlflowKey } from "../../../src/mlflow/names.ts";
import { LONG_PARAMS_FILE, paramsOf } from "../../../src/mlflow/params.ts";
import { EXPERIMENT } from "../../runs/example-run.ts";
import { inPython, post, real, sendWhole, serverUri } from "./fixture.ts";
import { pointAt, runOf, START, textFile } from "./runs.ts";

/** Every limit of guides and documents, tried at it and beyond it. */

const KEYS = [
	"valid/loss",
	"a@b 50% (c)",
	"/lead",
	"trail/",
	"a//b",
	"./a/../b",
	"Größe",
	"Gro\u0308\u00dfe",
	"日本語/🌵",
	"𝒜",
	"a\nb\tc\\d",
	"_x41_",
	" ",
	"",
	"k".repeat(250),
];

test("any key of a metric or param comes back as it was", real, async () => {
	const keys = KEYS.map(toMlflowKey);
	assert.equal(new Set(keys).size, KEYS.length);
	const runId = await sendWhole(
		runOf("keys", {
			points: keys.map((key) => pointAt(1, 1, key)),
			params: new Map(keys.map((key) => [key, "1"])),
			tags: new Map(keys.map((key) => [key, "1"])),
		}),
	);
	const seen = await inPython(`
r = c.get_run("${runId}")
say([list(r.data.metrics), list(r.data.params), [k for k in r.data.tags if not k.startswith(("mlflow.", "graft."))]])`);
	for (const found of seen)
		assert.deepEqual(found.map(fromMlflowKey).sort(), [...KEYS].sort());
});

test(
	"keys beyond 250 characters keep their beginning and stay apart",
	real,
	async () => {
		const long = ["k".repeat(251), `${"k".repeat(251)}l`, "🌵".repeat(200)];
		// Letters of two units each: the cut falls into one of them.
		const keys = [...long, `a${"𝒜".repeat(130)}`].map(toMlflowKey);
		assert.equal(new Set(keys).size, keys.length);
		await sendWhole(
			runOf("long-keys", { points: keys.map((key) => pointAt(1, 1, key)) }),
		);
	},
);

test(
	"a param of 6000 characters is kept, a longer one is whole in an artifact",
	real,
	async () => {
		const roots = ["x".repeat(6000), "x".repeat(6001), "🌵".repeat(3001)];
		for (const [index, root] of roots.entries()) {
			const { params, long } = paramsOf({
				...EXPERIMENT,
				data: { ...EXPERIMENT.data, root },
			});
			const text = JSON.stringify(long);
			const artifacts =
				Object.keys(long).length > 0 ? [textFile(LONG_PARAMS_FILE, text)] : [];
			const runId = await sendWhole(
				runOf(`root ${index}`, { params, artifacts }),
			);
			const seen = await inPython(`
r = c.get_run("${runId}")
import os
long = mlflow.artifacts.load_dict(r.info.artifact_uri + "/${LONG_PARAMS_FILE}") if len(c.list_artifacts("${runId}")) else {}
say([r.data.params["data.root"], long.get("data.root")])`);
			assert.equal(index === 0 ? seen[0] : seen[1], root);
			if (index > 0) assert.match(seen[0], /characters: see the artifact/);
		}
	},
);

test(
	"the server still cuts a param of 6001 and a tag of 8001 characters without a word",
	real,
	async () => {
		const made = await post("runs/create", { experiment_id: "0" });
		const { run } = (await made.json()) as {
			run: { info: { run_id: string } };
		};
		const run_id = run.info.run_id;
		const answer = await post("runs/log-batch", {
			run_id,
			params: [{ key: "p", value: "x".repeat(6001) }],
			tags: [{ key: "t", value: "x".repeat(8001) }],
		});
		assert.equal(answer.status, 200);
		const seen = await inPython(
			`d = c.get_run("${run_id}").data\nsay([len(d.params["p"]), len(d.tags["t"])])`,
		);
		assert.deepEqual(seen, [6000, 8000]);
	},
);

test("a tag of 8000 characters is kept", real, async () => {
	const text = "ü".repeat(8000);
	const runId = await sendWhole(
		runOf("tag", { tags: new Map([["long", text]]) }),
	);
	assert.equal(
		await inPython(`say(c.get_run("${runId}").data.tags["long"])`),
		text,
	);
});

test(
	"batches beyond 1000 metrics, 100 params, 100 tags and 1 MB arrive whole",
	real,
	async () => {
		const many = (value: string) =>
			new Map(Array.from({ length: 350 }, (_, index) => [`k${index}`, value]));
		const runId = await sendWhole(
			runOf("batches", {
				// Six bytes a character in JSON, three in UTF-8.
				params: many("\u0001".repeat(6000)),
				tags: many("日".repeat(8000)),
				points: Array.from({ length: 26_000 }, (_, step) =>
					pointAt(step, step),
				),
				datasets: Array.from({ length: 120 }, (_, index) => ({
					...{
						name: `photos/${index}`,
						digest: "d".repeat(36),
						context: "train",
					},
					...{ source: "{}", schema: "{}", profile: "{}" },
				})),
			}),
		);
		const seen = await inPython(`
r = c.get_run("${runId}")
h = c.get_metric_history("${runId}", "valid/loss")
say([len(r.data.params), len(r.data.params["k349"]), len(r.data.tags["k349"]), len(h), len({m.step for m in h}), all(m.value == m.step and m.timestamp == ${START + 1} for m in h), len(r.inputs.dataset_inputs)])`);
		assert.deepEqual(seen, [350, 6000, 8000, 26_000, 26_000, true, 120]);
	},
);

const FILES = [
	"a#b.txt",
	"100%.txt",
	"a%20b.txt",
	"%2e%2e/x",
	"a b/Größe 日本 🌵.txt",
	"Gro\u0308\u00dfe.txt",
	"a+b&c=d?e",
	"back\\slash",
	"a:b;c'd\"e",
	"..hidden",
	"../up",
	"a/../../up",
	"a//b",
	"line\nbreak",
	"_x23_",
	".hidden",
	`${"l".repeat(300)}.png`,
	"empty.txt",
];

test("a file of any name is there, with its bytes", real, async () => {
	const runId = await sendWhole(
		runOf("files", {
			artifacts: FILES.map((path) =>
				textFile(path, path === "empty.txt" ? "" : `this is ${path}`),
			),
		}),
	);
	const seen: string[] = await inPython(`
import os, pathlib, tempfile
with tempfile.TemporaryDirectory() as d:
    root = pathlib.Path(mlflow.artifacts.download_artifacts(run_id="${runId}", dst_path=d))
    say(sorted(p.read_text() for p in root.rglob("*") if p.is_file()))`);
	const wanted = FILES.map((path) =>
		path === "empty.txt" ? "" : `this is ${path}`,
	);
	assert.deepEqual(seen.sort(), wanted.sort());
});

test("an experiment of any name is found again", real, async () => {
	for (const experimentName of [
		"Größe 日本",
		"a/b",
		"a'b\"c",
		"100%",
		"a&b=c#d",
		"x".repeat(500),
	]) {
		const run = { ...runOf("named", {}), experimentName };
		assert.equal(await sendWhole(run), await sendWhole(run), experimentName);
	}
	const query = new URLSearchParams({ experiment_name: "Größe 日本" });
	const found = await fetch(
		`${serverUri()}/api/2.0/mlflow/experiments/get-by-name?${query}`,
	);
	assert.equal(found.status, 200);
});
