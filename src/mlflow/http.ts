import { createReadStream } from "node:fs";
import { Agent, type IncomingMessage, request } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { pipeline, Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { explainConnection, isHopeless } from "./connection-error.ts";
import { explainPage } from "./error-page.ts";
import type { Settings } from "./settings.ts";

/** Requests that are repeated while a repeat may help. node:http rather than fetch, which takes no certificates. */

export interface Call {
	readonly method: "GET" | "POST" | "PUT" | "PATCH";
	/** With its query, from the server's root. */
	readonly path: string;
	readonly body?: Uint8Array | { readonly file: string; readonly size: number };
	readonly contentType?: string;
	/** False: a repeat could do the thing twice, so a broken connection is an error at once. */
	readonly isRepeatable: boolean;
}

export interface Http {
	/** The body of a 2xx answer. @throws HttpError */
	readonly send: (call: Call) => Promise<string>;
	readonly close: () => void;
}

/** No good answer: `status` undefined where there was none at all. */
export class HttpError extends Error {
	readonly status: number | undefined;
	/** MLflow's word, as RESOURCE_DOES_NOT_EXIST. */
	readonly errorCode: string | undefined;

	constructor(message: string, status?: number, errorCode?: string) {
		super(message);
		this.name = "HttpError";
		this.status = status;
		this.errorCode = errorCode;
	}
}

interface Answer {
	readonly status: number;
	readonly body: string;
	readonly retryAfter: string | undefined;
	/** Where a 3xx answer points. */
	readonly location: string | undefined;
}

const WORTH_REPEATING = [408, 429, 500, 502, 503, 504];

/** Keeps connections open until `close`. Aborting `signal` ends what goes on. */
export function openHttp(settings: Settings, signal?: AbortSignal): Http {
	const base = new URL(settings.uri);
	const isTls = base.protocol === "https:";
	const options = { keepAlive: true, maxSockets: 8 };
	const agent = isTls
		? new TlsAgent({ ...options, ...settings.tls })
		: new Agent(options);

	function once(call: Call): Promise<Answer> {
		return new Promise((resolve, reject) => {
			const { body } = call;
			const size = body instanceof Uint8Array ? body.length : body?.size;
			const outgoing = (isTls ? tlsRequest : request)(
				`${settings.uri}${call.path}`,
				{
					method: call.method,
					agent,
					...(signal && { signal }),
					headers: {
						"user-agent": "graft",
						accept: "application/json",
						...(settings.authorization && {
							authorization: settings.authorization,
						}),
						...(size !== undefined && {
							"content-type": call.contentType ?? "application/json",
							"content-length": size,
						}),
					},
				},
				(incoming) => readAnswer(incoming).then(resolve, reject),
			);
			outgoing.on("error", reject);
			outgoing.setTimeout(settings.timeoutSeconds * 1000, () =>
				outgoing.destroy(
					new Error(`no answer within ${settings.timeoutSeconds} s`),
				),
			);
			if (body === undefined || body instanceof Uint8Array) outgoing.end(body);
			else
				pipeline(readExactly(body), outgoing, (error) => {
					if (error) reject(error);
				});
		});
	}

	async function send(call: Call): Promise<string> {
		for (let repeat = 1; ; repeat++) {
			const outcome = await once(call).catch((error: Error) => error);
			signal?.throwIfAborted();
			if (!(outcome instanceof Error) && outcome.status < 300)
				return outcome.body;
			const isFinal =
				outcome instanceof Error
					? isHopeless(outcome) || (!call.isRepeatable && !isRefused(outcome))
					: !WORTH_REPEATING.includes(outcome.status) ||
						(!call.isRepeatable && outcome.status !== 429);
			if (isFinal || repeat > settings.retries)
				throw httpError(outcome, call, settings);
			await sleep(waitMs(outcome, repeat), undefined, {
				signal: signal as AbortSignal,
			});
		}
	}

	function waitMs(outcome: Answer | Error, repeat: number): number {
		const asked =
			outcome instanceof Error || !settings.obeysRetryAfter
				? undefined
				: retryAfterMs(outcome.retryAfter);
		if (asked !== undefined) return asked;
		const { backoff, jitter } = settings;
		return (
			1000 *
			(Math.min(backoff * 2 ** (repeat - 1), 120) + jitter * Math.random())
		);
	}

	return { send, close: () => agent.destroy() };
}

async function readAnswer(incoming: IncomingMessage): Promise<Answer> {
	const chunks: Buffer[] = [];
	for await (const chunk of incoming) chunks.push(chunk as Buffer);
	return {
		status: incoming.statusCode ?? 0,
		body: Buffer.concat(chunks).toString("utf8"),
		retryAfter: incoming.headers["retry-after"],
		location: incoming.headers.location,
	};
}

/** A file that grows meanwhile would go on beyond the length that was announced. */
function readExactly(body: { readonly file: string; readonly size: number }) {
	return body.size === 0
		? Readable.from([])
		: createReadStream(body.file, { end: body.size - 1 });
}

/** Seconds or a date (RFC 9110, 10.2.3), in ms from now; at most two minutes. */
export function retryAfterMs(
	value: string | undefined,
	now = Date.now(),
): number | undefined {
	if (value === undefined || value === "") return undefined;
	const seconds = /^\d+$/.test(value)
		? Number(value)
		: (Date.parse(value) - now) / 1000;
	if (Number.isNaN(seconds)) return undefined;
	return 1000 * Math.min(Math.max(seconds, 0), 120);
}

/** Nobody listens: the request cannot have been done. */
function isRefused(error: Error): boolean {
	return (error as NodeJS.ErrnoException).code === "ECONNREFUSED";
}

function httpError(
	outcome: Answer | Error,
	{ method, path }: Call,
	settings: Settings,
): HttpError {
	const what = `${method} ${settings.uri}${path.split("?")[0]}`;
	if (outcome instanceof Error)
		return new HttpError(`${what}: ${explainConnection(outcome, settings)}`);
	const { status, body, location } = outcome;
	if (location !== undefined && status < 400)
		return new HttpError(
			`${what}: ${status} the server sends on to ${location}: name that address instead`,
			status,
		);
	const { message, errorCode } = explainPage(status, body);
	return new HttpError(`${what}: ${status} ${message}`, status, errorCode);
}
