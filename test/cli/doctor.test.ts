import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { envFor, folderFor, graft } from "../support/graft.ts";

interface Finding {
	readonly status: string;
	readonly name: string;
	readonly text: string;
	readonly fix: string | null;
}

/** By name. */
type Findings = Readonly<Record<string, Finding>>;

/** What doctor finds with these variables. */
async function findings(
	context: TestContext,
	variables: Readonly<Record<string, string>>,
	...more: readonly string[]
): Promise<Findings> {
	const env = {
		...envFor(folderFor(context)),
		...{
			MLFLOW_TRACKING_URI: "",
			HF_ENDPOINT: CLOSED,
			GRAFT_OFFLINE: "",
			GRAFT_NATIVE: "",
		},
		...variables,
	};
	const { code, stdout, stderr } = await graft(
		["doctor", "--format", "json", ...more],
		env,
	);
	assert.deepEqual([code, stderr], [0, ""]);
	const sections = JSON.parse(stdout) as Record<string, Finding[]>;
	assert.deepEqual(Object.keys(sections), [
		...["graft", "machine", "engines", "tools", "servers"],
	]);
	const all = Object.values(sections).flatMap((section) =>
		typeof section === "string" ? [] : section,
	);
	for (const { status, name, text, fix } of all) {
		assert.match(status, /^(ok|none|bad)$/);
		assert.ok(name !== "" && text !== "" && fix !== "", name);
		assert.doesNotMatch(text, /\n|\bat .*:\d+:\d+/);
	}
	return Object.fromEntries(all.map((finding) => [finding.name, finding]));
}

/** Nothing listens there. */
const CLOSED = "http://127.0.0.1:9";

test("doctor says what is there and, of what is not, the command that brings it", async (context) => {
	const found = await findings(context, {}, "--offline");
	assert.equal(found.Node?.text, process.version);
	assert.equal(found["onnxruntime cpu"]?.status, "ok");
	assert.equal(found["tfjs wasm"]?.text, "4.22.0");
	assert.match(found["device: auto"]?.text ?? "", /^trains with tfjs on wasm/);
	assert.match(
		found["hub of weights"]?.text ?? "",
		/was not asked \(--offline\)/,
	);
	if (process.platform === "linux" && process.arch === "x64")
		assert.deepEqual(
			[found["tfjs native"]?.status, found["tfjs native"]?.fix],
			["none", "graft setup native"],
		);
});

test("a machine with nothing on its PATH gets answers", async (context) => {
	const bare = join(folderFor(context), "bin");
	mkdirSync(bare);
	const found = await findings(context, { PATH: bare }, "--offline");
	assert.match(found.Python?.text ?? "", /Python 3 with pip is missing/);
	assert.match(found.compiler?.fix ?? "", /g\+\+/);
	assert.equal(found.Slurm?.text, "no sbatch on the PATH");
	assert.equal(found.git?.status, "none");
	assert.equal(found["onnxruntime cpu"]?.status, "ok");
});

test("programs that fail are no stack trace: sbatch without a controller, nvidia-smi without a driver, a broken PATH", async (context) => {
	const bin = join(folderFor(context), "bin");
	mkdirSync(bin);
	const script = (name: string, text: string) =>
		writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
	script("sbatch", 'echo "slurm 23.11.4"');
	script("sinfo", "echo unreachable >&2; exit 1");
	script("nvidia-smi", "echo NVIDIA-SMI has failed; exit 9");
	const PATH = `/no/such/folder:${bin}::${process.env.PATH}`;
	const found = await findings(context, { PATH }, "--offline");
	assert.equal(found.Slurm?.status, "bad");
	assert.match(
		found.Slurm?.text ?? "",
		/slurm 23\.11\.4, but its controller does not answer/,
	);
	assert.equal(found.GPU?.status === "ok", false);
	script("nvidia-smi", 'echo "NVIDIA H100, 81559 MiB, 580.65.06"');
	const again = await findings(context, { PATH }, "--offline");
	assert.equal(again.GPU?.text, "NVIDIA H100, 81559 MiB, 580.65.06");
});

test("servers are asked for a few seconds only: one that answers, one that refuses, one that says nothing", async (context) => {
	const asked: string[] = [];
	const server = createServer(({ url = "" }, response) => {
		asked.push(url);
		if (!url.startsWith("/silent")) response.end("OK");
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	context.after(() => {
		server.closeAllConnections();
		server.close();
	});
	const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const found = await findings(context, {
		HF_ENDPOINT: `${base}/silent`,
		MLFLOW_TRACKING_URI: `${base}/mlflow`,
	});
	assert.match(found["hub of weights"]?.text ?? "", /no answer in 3 s/);
	assert.equal(found.MLflow?.status, "ok");
	assert.deepEqual(asked.sort(), ["/mlflow/health", "/silent"]);
	const refused = await findings(context, { MLFLOW_TRACKING_URI: CLOSED });
	assert.match(refused.MLflow?.text ?? "", /ECONNREFUSED; runs are kept here/);
	assert.match(refused["hub of weights"]?.text ?? "", /ECONNREFUSED/);
	const odd = await findings(
		context,
		{ MLFLOW_TRACKING_URI: "sqlite:///x" },
		"--offline",
	);
	assert.equal(odd.MLflow?.status, "bad");
});

test("on a terminal it is a page of plain letters", async (context) => {
	const env = envFor(folderFor(context));
	const { code, stdout } = await graft(["doctor", "--offline"], env);
	assert.equal(code, 0);
	assert.match(stdout, /^graft \d[\d.]*\n\nmachine\n {2}ok {2}Node +v\d/);
	// biome-ignore lint/suspicious/noControlCharactersInRegex: that is the claim.
	assert.match(stdout, /^[\x0a\x20-\x7e]*$/);
	const painted = await graft(["doctor", "--offline"], {
		...env,
		...{ NO_COLOR: "", FORCE_COLOR: "1" },
	});
	assert.ok(painted.stdout.includes("\u001b[32mok\u001b[0m  Node"));
});
