import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import type { TrackingOptions } from "../experiment/types.ts";

/** Which server, and how to speak to it: the environment variables of MLflow's Python client. */

export interface Settings {
	/** `http://host:port/prefix`, without user, password and last slash. */
	readonly uri: string;
	/** Value of the Authorization header. */
	readonly authorization: string | undefined;
	/** Undefined: the experiment's own name. */
	readonly experiment: string | undefined;
	/** Seconds without an answer after which a request counts as lost. */
	readonly timeoutSeconds: number;
	/** 3 by default, fewer than Python's 7: what did not arrive is never lost, and graft sync sends it later. */
	readonly retries: number;
	/** Seconds: before the nth repeat, `backoff * 2^(n-1)` pass, and up to `jitter` more. */
	readonly backoff: number;
	readonly jitter: number;
	readonly obeysRetryAfter: boolean;
	readonly tls: {
		readonly rejectUnauthorized: boolean;
		/** Contents of PEM files. */
		readonly ca?: string;
		readonly cert?: string;
		readonly key?: string;
	};
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The server that the file names, else MLFLOW_TRACKING_URI, else none (undefined).
 * Diagnostics "tracking-uri" and "tracking-file" where it cannot be used.
 */
export function trackingSettings(
	options: TrackingOptions | undefined,
	env: Variables = process.env,
): Result<Settings | undefined> {
	const given = options?.uri ?? env.MLFLOW_TRACKING_URI;
	if (!given) return ok(undefined);
	const url = httpUrl(given);
	if (url === undefined) return fail([badUri(given)]);
	const experiment = options?.experiment ?? env.MLFLOW_EXPERIMENT_NAME;
	try {
		return ok({
			uri: `${url.origin}${url.pathname}`.replace(/\/+$/, ""),
			authorization: authorization(url, env),
			experiment: experiment || undefined,
			timeoutSeconds: number(env.MLFLOW_HTTP_REQUEST_TIMEOUT, 120),
			retries: number(env.MLFLOW_HTTP_REQUEST_MAX_RETRIES, 3),
			backoff: number(env.MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR, 2),
			jitter: number(env.MLFLOW_HTTP_REQUEST_BACKOFF_JITTER, 1),
			obeysRetryAfter: isYes(
				env.MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER ?? "true",
			),
			tls: tlsOf(env),
		});
	} catch (error) {
		return fail([unreadable((error as Error).message)]);
	}
}

function httpUrl(text: string): URL | undefined {
	if (!/^https?:\/\//.test(text)) return undefined;
	return URL.canParse(text) ? new URL(text) : undefined;
}

/** User and password win over a token, as in the Python client. */
function authorization(url: URL, env: Variables): string | undefined {
	const user = env.MLFLOW_TRACKING_USERNAME || decodeURIComponent(url.username);
	const password =
		env.MLFLOW_TRACKING_PASSWORD || decodeURIComponent(url.password);
	if (user && password)
		return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
	const token = env.MLFLOW_TRACKING_TOKEN;
	return token ? `Bearer ${token}` : undefined;
}

/** @throws Error where a file cannot be read or holds no certificate: TLS itself would ignore that. */
function tlsOf(env: Variables): Settings["tls"] {
	const ca = readPem(env.MLFLOW_TRACKING_SERVER_CERT_PATH);
	const pem = readPem(env.MLFLOW_TRACKING_CLIENT_CERT_PATH);
	if (pem) createSecureContext({ cert: pem, key: pem });
	return {
		rejectUnauthorized: !isYes(env.MLFLOW_TRACKING_INSECURE_TLS),
		...(ca && { ca }),
		...(pem && { cert: pem, key: pem }),
	};
}

function readPem(path: string | undefined): string | undefined {
	if (!path) return undefined;
	const text = readFileSync(path, "utf8");
	if (!text.includes("-----BEGIN"))
		throw new Error(`${path} is no PEM file with a certificate`);
	return text;
}

function isYes(value: string | undefined): boolean {
	return ["true", "1"].includes((value ?? "").toLowerCase());
}

function number(value: string | undefined, otherwise: number): number {
	const parsed = Number(value);
	return value && Number.isFinite(parsed) && parsed >= 0 ? parsed : otherwise;
}

function badUri(uri: string): Diagnostic {
	return {
		severity: "error",
		code: "tracking-uri",
		message: `"${uri}" is no tracking server that Graft can speak to`,
		reason: "runs are sent to a server over http:// or https://",
		fix: "start one on it with mlflow server --backend-store-uri, or a new one with graft mlflow, and name its address",
	};
}

function unreadable(reason: string): Diagnostic {
	return {
		severity: "error",
		code: "tracking-file",
		message: `a certificate of the tracking server cannot be read: ${reason}`,
		fix: "correct MLFLOW_TRACKING_SERVER_CERT_PATH or MLFLOW_TRACKING_CLIENT_CERT_PATH",
	};
}
