import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openClient } from "../../src/mlflow/client.ts";
import { type Replayed, replay } from "../../src/mlflow/replay.ts";
import { trackingSettings } from "../../src/mlflow/settings.ts";
import { needs } from "../support/needs.ts";
import { pointAt, runOf, textFile } from "./contract/runs.ts";
import { type MlflowServer, startMlflow } from "./server.ts";

/** MLflow's own basic auth, whose refusals are pages and not JSON. */

const mlflow = needs("mlflow-auth");
const real = { skip: mlflow.missing ?? false };
const PASSWORD = "correct horse: battery %";
let server: MlflowServer;

before(async () => {
	if (mlflow.missing !== undefined) return;
	process.env.MLFLOW_AUTH_ADMIN_PASSWORD = PASSWORD;
	process.env.MLFLOW_FLASK_SERVER_SECRET_KEY = "a secret of this test";
	server = await startMlflow(mlflow.path, ["--app-name", "basic-auth"]);
});
after(() => server?.remove());

async function sendWith(
	name: string,
	env: Readonly<Record<string, string>>,
	uri = server.uri,
): Promise<Replayed> {
	const settings = trackingSettings({ uri }, env);
	assert.ok(settings.ok && settings.value);
	const client = openClient(settings.value);
	try {
		const run = runOf(name, {
			points: [pointAt(1, 1)],
			artifacts: [textFile("a.txt", "mine")],
		});
		return await replay(client, run);
	} finally {
		client.close();
	}
}

test(
	"without a password, with a wrong one and with a token the server's page becomes one line that says what to set",
	real,
	async () => {
		for (const env of [
			{},
			{ MLFLOW_TRACKING_USERNAME: "admin", MLFLOW_TRACKING_PASSWORD: "wrong" },
			{ MLFLOW_TRACKING_TOKEN: "none of yours" },
		]) {
			const { problems, isUnreachable, isComplete } = await sendWith("no", env);
			assert.equal(isComplete, false);
			assert.equal(isUnreachable, false);
			assert.equal(problems.length, 1);
			assert.match(
				problems[0] as string,
				/get-by-name: 401 \S.*\(set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN\)$/,
			);
			assert.doesNotMatch(
				problems[0] as string,
				/<|correct horse|none of yours/,
			);
		}
	},
);

test(
	"the right user has a whole run, by variables, which win over a token, and by the address",
	real,
	async () => {
		const byVariables = await sendWith("variables", {
			MLFLOW_TRACKING_USERNAME: "admin",
			MLFLOW_TRACKING_PASSWORD: PASSWORD,
			MLFLOW_TRACKING_TOKEN: "none of yours",
		});
		assert.deepEqual(byVariables.problems, []);
		assert.equal(byVariables.isComplete, true);
		const user = `admin:${encodeURIComponent(PASSWORD)}@`;
		const byAddress = await sendWith(
			"address",
			{},
			server.uri.replace("://", `://${user}`),
		);
		assert.equal(byAddress.isComplete, true, byAddress.problems.join());
		assert.doesNotMatch(byAddress.url as string, /admin/);
	},
);
