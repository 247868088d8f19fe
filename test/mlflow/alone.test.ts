import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { envFor, folderFor, graft, root } from "../support/graft.ts";

test("without a server a run says how to see it in MLflow later, and with a dead one what is left to send", async (context) => {
	const folder = folderFor(context);
	const { MLFLOW_TRACKING_URI: _, ...env } = envFor(folder);
	const file = join(root, "experiments", "resize.yaml");
	const alone = await graft(["run", file, "--format", "json"], env);
	assert.equal(alone.code, 0);
	assert.match(
		alone.stderr,
		/^mlflow {2}kept here only; .*graft mlflow, or graft sync resize-[0-9a-f]{8} /m,
	);
	assert.equal("mlflow" in JSON.parse(alone.stdout), false);
	const dead = await graft(
		[
			"run",
			file,
			"--format",
			"json",
			"--set",
			"tracking.uri=http://127.0.0.1:9",
		],
		env,
	);
	assert.equal(dead.code, 0);
	assert.equal(JSON.parse(dead.stdout).status, "FINISHED");
	assert.equal(JSON.parse(dead.stdout).mlflow.complete, false);
	assert.match(
		dead.stderr,
		/not everything reached http:\/\/127\.0\.0\.1:9: .*ECONNREFUSED/,
	);
	const left = await graft(["sync", "latest", "--format", "json"], {
		...env,
		MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0",
	});
	assert.equal(left.code, 1);
	assert.ok(JSON.parse(left.stdout).left.metrics > 40);
});
