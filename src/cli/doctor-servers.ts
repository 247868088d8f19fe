import { trackingSettings } from "../mlflow/settings.ts";
import { endpointFrom } from "../model/weights/hub.ts";
import { askOnce } from "../model/weights/remote/ask.ts";
import { isOn } from "../model/weights/remote/source.ts";
import { printable } from "../text.ts";
import type { Finding } from "./doctor.ts";

/** Milliseconds that a server has to answer. */
const PATIENCE = 3_000;

/** The hub and the tracking server: whether they answer, each within a few seconds. */
export async function serverFindings(
	isOffline: boolean,
): Promise<readonly Finding[]> {
	return Promise.all([hub(isOffline), mlflow(isOffline)]);
}

async function hub(isOffline: boolean): Promise<Finding> {
	const name = "hub of weights";
	const endpoint = endpointFrom(process.env);
	const forbidding = ["GRAFT_OFFLINE", "HF_HUB_OFFLINE"].find((variable) =>
		isOn(process.env[variable]),
	);
	if (isOffline || forbidding !== undefined)
		return {
			...{ status: "none", name },
			text: `${endpoint} was not asked (${forbidding ?? "--offline"})`,
		};
	const why = await unreachable(endpoint);
	const token = process.env.HF_TOKEN ? ", with the token in HF_TOKEN" : "";
	return why === undefined
		? { status: "ok", name, text: `${endpoint} answers${token}` }
		: {
				...{ status: "none", name },
				text: `${endpoint}: ${why}; what is in the cache can be used`,
				fix: "check the network and HTTPS_PROXY, or name a mirror in HF_ENDPOINT",
			};
}

async function mlflow(isOffline: boolean): Promise<Finding> {
	const name = "MLflow";
	const settings = trackingSettings(undefined, process.env);
	if (!settings.ok)
		return {
			...{ status: "bad", name },
			text: settings.diagnostics[0]?.message ?? "MLFLOW_TRACKING_URI is wrong",
			fix: "MLFLOW_TRACKING_URI=http://host:5000",
		};
	if (settings.value === undefined)
		return {
			...{ status: "none", name },
			text: "no server is set (MLFLOW_TRACKING_URI, tracking.uri): runs are kept here",
			fix: "graft mlflow shows them in a local one",
		};
	const { uri } = settings.value;
	if (isOffline)
		return { status: "none", name, text: `${uri} was not asked (--offline)` };
	const why = await unreachable(`${uri}/health`);
	return why === undefined
		? { status: "ok", name, text: `${uri} answers` }
		: {
				...{ status: "bad", name },
				text: `${uri}: ${why}; runs are kept here`,
				fix: "graft sync sends them once it answers",
			};
}

/** Any answer counts; undefined where one came. */
async function unreachable(address: string): Promise<string | undefined> {
	try {
		const answer = await askOnce(
			"HEAD",
			new URL(address),
			{},
			{
				env: process.env,
				patience: { idleMs: PATIENCE, attempts: 1, pauseMs: 0 },
				signal: AbortSignal.timeout(PATIENCE),
			},
			false,
		);
		answer.destroy();
		return undefined;
	} catch (error) {
		const { name, message, code } = error as NodeJS.ErrnoException;
		if (name === "AbortError" || name === "TimeoutError")
			return `no answer in ${PATIENCE / 1000} s`;
		return printable(code ?? message.slice(0, 200));
	}
}
