import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { RunError } from "../../../diagnostic.ts";
import {
	type Asked,
	connectionError,
	isWorthRepeating,
	statusError,
} from "./errors.ts";
import { exchange, ProxyRefused, Stalled } from "./exchange.ts";
import { type Env, shown } from "./proxy.ts";

/** Requests with redirects and repeats. */

/** How patient a download is. */
export interface Patience {
	/** Milliseconds without a byte. */
	readonly idleMs: number;
	/** Attempts in a row that bring nothing. */
	readonly attempts: number;
	/** Milliseconds before the second attempt; doubled for each further one. */
	readonly pauseMs: number;
}

/** GRAFT_DOWNLOAD_TIMEOUT: seconds without a byte, 60 where it is not set. */
export function patienceFrom(env: Env): Patience {
	const seconds = Number(env.GRAFT_DOWNLOAD_TIMEOUT);
	return {
		idleMs: seconds > 0 ? seconds * 1000 : 60_000,
		attempts: 5,
		pauseMs: 1000,
	};
}

/** Whom to ask, as whom, how patiently. */
export interface AskOptions {
	readonly env: Env;
	readonly patience: Patience;
	/** Sent to the first host only, never to one that it redirects to. */
	readonly token?: string | undefined;
	readonly repo?: string | undefined;
	readonly signal?: AbortSignal | undefined;
}

/** Hosts in a chain of redirects. */
const MAX_REDIRECTS = 10;

/** Longer waits than this are not waited for. */
const MAX_RETRY_AFTER_MS = 120_000;

/** One request, redirects followed (or not: a HEAD of the hub wants the first answer). */
export async function askOnce(
	method: "GET" | "HEAD",
	url: URL,
	headers: Readonly<Record<string, string>>,
	options: AskOptions,
	follow = true,
): Promise<IncomingMessage> {
	const { env, patience, token, signal } = options;
	let at = url;
	for (let hop = 0; ; hop++) {
		const isOwn = at.host === url.host && at.protocol === url.protocol;
		const answer = await exchange({
			method,
			url: at,
			headers: {
				...headers,
				...(isOwn && token && { authorization: `Bearer ${token}` }),
			},
			idleMs: patience.idleMs,
			env,
			signal,
		});
		const { statusCode = 0, headers: said } = answer;
		const isRedirect = [301, 302, 303, 307, 308].includes(statusCode);
		if (!isRedirect || said.location === undefined) return answer;
		const next = redirected(at, said.location);
		// The hub redirects renamed repositories within itself; only what leaves it goes to the bytes.
		if (!follow && next.host !== at.host) return answer;
		answer.destroy();
		if (hop >= MAX_REDIRECTS)
			throw new RunError(
				"download-broken",
				`${shown(url)} is redirected more than ${MAX_REDIRECTS} times`,
				{ fix: "check the address in model.weights" },
			);
		at = next;
	}
}

/** Where an answer leads. @throws RunError "download-broken" where that is not as safe as what was asked. */
export function redirected(from: URL, location: string): URL {
	const to = URL.canParse(location, from.href)
		? new URL(location, from)
		: undefined;
	const isSafe =
		to?.protocol === "https:" ||
		(to?.protocol === "http:" && from.protocol === "http:");
	if (to && isSafe) return to;
	throw new RunError(
		"download-broken",
		`${shown(from)} redirects to ${to ? shown(to) : "something that is no address"}, where nothing is fetched from`,
		{ fix: "an https:// address may lead to https:// addresses only" },
	);
}

/**
 * Repeats `attempt` while a repeat may help: after broken connections and answers of 408, 429 and 5xx, with pauses
 * that double, or as long as Retry-After says. An attempt that brought bytes starts the count anew.
 * @param attempt answers its result, or the answer that was no good.
 * @throws RunError "download-*".
 */
export async function repeated<T>(
	asked: Asked,
	options: AskOptions,
	attempt: () => Promise<
		{ readonly value: T } | { readonly no: IncomingMessage }
	>,
	received: () => number = () => 0,
): Promise<T> {
	const { attempts, pauseMs } = options.patience;
	let fruitless = 0;
	for (;;) {
		const before = received();
		let limit = attempts;
		let failure: RunError;
		let pause = pauseMs * 2 ** fruitless;
		try {
			const outcome = await attempt();
			if ("value" in outcome) return outcome.value;
			const { statusCode = 0, headers } = outcome.no;
			outcome.no.destroy();
			failure = statusError(asked, statusCode, headers, fruitless + 1);
			if (!isWorthRepeating(statusCode)) throw failure;
			pause = retryAfter(headers["retry-after"]) ?? pause;
			if (pause > MAX_RETRY_AFTER_MS) throw failure;
		} catch (error) {
			if (error instanceof RunError) throw error;
			if (options.signal?.aborted) throw options.signal.reason;
			if (!isConnection(error)) throw error;
			failure = connectionError(asked.url, error, received());
			if (isHopeless(error)) limit = Math.min(2, attempts);
		}
		fruitless = received() > before ? 1 : fruitless + 1;
		if (fruitless >= limit) throw failure;
		await sleep(pause, undefined, {
			...(options.signal && { signal: options.signal }),
		});
	}
}

/** Faults of the disk and of Graft are none. */
function isConnection(error: unknown): boolean {
	if (error instanceof Stalled || error instanceof ProxyRefused) return true;
	const { syscall, code } = error as NodeJS.ErrnoException;
	const isDisk = /^(open|read|write|fsync|rename|mkdir|unlink)$/;
	return typeof code === "string" && !isDisk.test(syscall ?? "");
}

/** What a second look may change, but not a fifth one. */
function isHopeless(error: unknown): boolean {
	const { code = "" } = error as NodeJS.ErrnoException;
	return (
		error instanceof ProxyRefused ||
		code === "ENOTFOUND" ||
		code === "ECONNREFUSED" ||
		/CERT|SIGNATURE|ERR_TLS/.test(code)
	);
}

/** Retry-After in milliseconds: seconds, or a date. */
export function retryAfter(
	value: string | undefined,
	now = Date.now(),
): number | undefined {
	if (value === undefined) return undefined;
	if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
	const date = Date.parse(value);
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
