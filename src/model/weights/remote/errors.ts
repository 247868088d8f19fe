import type { IncomingHttpHeaders } from "node:http";
import { RunError } from "../../../diagnostic.ts";
import { printable } from "../../../text.ts";
import { ProxyRefused, Stalled } from "./exchange.ts";
import { shown } from "./proxy.ts";

/** What a download that failed is called, and what to do about it. */

/** Answers and breaks after which a repeat may help. */
export function isWorthRepeating(status: number): boolean {
	return status === 408 || status === 429 || status >= 500;
}

/** What the fix depends on. */
export interface Asked {
	readonly url: URL;
	/** `owner/repo` on the Hugging Face Hub. */
	readonly repo?: string | undefined;
	readonly hasToken: boolean;
}

/** An answer that is no file, as an error. */
export function statusError(
	{ url, repo, hasToken }: Asked,
	status: number,
	headers: IncomingHttpHeaders,
	attempts: number,
): RunError {
	const said = headers["x-error-message"] ?? headers["x-error-code"];
	const words = said ? ` ("${printable(String(said).slice(0, 200))}")` : "";
	const message = `${shown(url)} answers ${status}${words}`;
	if (status === 401 || status === 403)
		return new RunError("download-denied", message, {
			fix: repo
				? deniedFix(repo, hasToken)
				: "the address wants a login: fetch the file yourself and set model.weights to its path",
		});
	if (status === 404 || status === 410)
		return new RunError("download-not-found", message, {
			fix: repo
				? `check the name of the repository, the revision and the file: hf:${repo}[@revision][/file.safetensors]`
				: "check the address in model.weights",
		});
	if (isWorthRepeating(status)) {
		const wait = headers["retry-after"];
		return new RunError(
			"download-busy",
			`${message}, after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}${wait ? `; it asks to wait: ${printable(wait)}` : ""}`,
			{
				fix: `run again later: what was downloaded is kept${status === 429 && repo && !hasToken ? "; with a token in HF_TOKEN the hub allows more" : ""}`,
			},
		);
	}
	return new RunError("download-broken", message, {
		fix: "open the address in a browser to see what it says, or fetch the file yourself and set model.weights to its path",
	});
}

function deniedFix(repo: string, hasToken: boolean): string {
	return hasToken
		? `the token in HF_TOKEN may not read ${repo}: accept the terms on https://huggingface.co/${repo}, or take another token`
		: `if ${repo} is private or gated, set HF_TOKEN to a token that may read it; the hub answers so for names that do not exist, too: check hf:${repo}`;
}

/** A connection that failed, as an error. `kept`: bytes that need not be fetched again. */
export function connectionError(
	url: URL,
	cause: unknown,
	kept: number,
): RunError {
	const resume = kept > 0 ? "; what was downloaded is kept" : "";
	if (cause instanceof Stalled)
		return new RunError(
			"download-stalled",
			`${shown(url)}: ${cause.message}, the download was given up`,
			{
				fix: `run again${resume}; GRAFT_DOWNLOAD_TIMEOUT (seconds) allows more`,
				cause,
			},
		);
	const { code, message } = cause as NodeJS.ErrnoException;
	const why =
		cause instanceof ProxyRefused
			? message
			: `${REASONS[code ?? ""] ?? message}${code ? ` (${code})` : ""}`;
	return new RunError("download-broken", `${shown(url)}: ${why}`, {
		fix: `check the network and HTTPS_PROXY, then run again${resume}; or fetch the file elsewhere and set model.weights to its path`,
		cause,
	});
}

const REASONS: Readonly<Record<string, string>> = {
	ENOTFOUND: "the host is not known",
	EAI_AGAIN: "the host's name could not be looked up",
	ECONNREFUSED: "nothing listens there",
	ECONNRESET: "the connection broke off",
	EPIPE: "the connection broke off",
	ETIMEDOUT: "the host did not answer",
	EHOSTUNREACH: "the host cannot be reached",
	ENETUNREACH: "the network cannot be reached",
	CERT_HAS_EXPIRED: "its certificate has expired",
	DEPTH_ZERO_SELF_SIGNED_CERT:
		"its certificate is signed by itself; NODE_EXTRA_CA_CERTS names a file of further authorities",
	SELF_SIGNED_CERT_IN_CHAIN:
		"its certificate is from an unknown authority; NODE_EXTRA_CA_CERTS names a file of further authorities",
	UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		"its certificate is from an unknown authority; NODE_EXTRA_CA_CERTS names a file of further authorities",
};
