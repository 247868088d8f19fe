import { type IncomingMessage, request } from "node:http";
import { request as tlsRequest } from "node:https";
import { isIP, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { type Env, proxyAuthorization, proxyFor } from "./proxy.ts";

/** One request and the beginning of its answer; the body is read by whoever asked. */
export interface Ask {
	readonly method: "GET" | "HEAD";
	readonly url: URL;
	readonly headers: Readonly<Record<string, string>>;
	/** Without a byte for so long, the connection counts as stalled. */
	readonly idleMs: number;
	readonly env: Env;
	readonly signal?: AbortSignal | undefined;
}

/** Nothing came for `idleMs`. */
export class Stalled extends Error {}

/** A proxy that does not let through. */
export class ProxyRefused extends Error {}

/** @throws Stalled, ProxyRefused, or what node:http says. */
export async function exchange(ask: Ask): Promise<IncomingMessage> {
	const { url, env } = ask;
	const proxy = proxyFor(url, env);
	if (proxy === undefined) return send(ask, url, {});
	if (url.protocol === "http:") return send(ask, proxy, { through: url });
	return send(ask, url, { socket: await tunnel(ask, proxy) });
}

interface Way {
	/** The address in the request line of a proxy. */
	readonly through?: URL;
	readonly socket?: Socket;
}

function send(
	{ method, url, headers, idleMs, signal }: Ask,
	to: URL,
	{ through, socket }: Way,
): Promise<IncomingMessage> {
	const isTls = to.protocol === "https:";
	const authorization = through && proxyAuthorization(to);
	return new Promise((resolve, reject) => {
		const outgoing = (isTls ? tlsRequest : request)({
			method,
			host: bareHost(to),
			port: to.port || (isTls ? 443 : 80),
			path: through ? withoutFragment(through) : `${url.pathname}${url.search}`,
			headers: {
				"user-agent": "graft",
				"accept-encoding": "identity",
				...headers,
				host: url.host,
				...(authorization && { "proxy-authorization": authorization }),
			},
			...(signal && { signal }),
			agent: false,
			...(socket && {
				createConnection: () =>
					tlsConnect({
						socket,
						host: bareHost(url),
						// A name for the certificate; an IP address may not stand there.
						...(isIP(bareHost(url)) === 0 && { servername: bareHost(url) }),
					}),
			}),
		});
		outgoing.setTimeout(idleMs, () => outgoing.destroy(stalled(idleMs)));
		outgoing.on("error", reject);
		// TLS that fails leaves the tunnel open, and with it the process.
		outgoing.on("close", () => socket?.destroy());
		outgoing.on("response", (answer) => {
			// Errors after this point belong to whoever reads the body.
			outgoing.off("error", reject);
			outgoing.on("error", (error) => answer.destroy(error));
			resolve(answer);
		});
		outgoing.end();
	});
}

/** CONNECT: a socket that leads to the host of `url`. */
function tunnel({ url, idleMs, signal }: Ask, proxy: URL): Promise<Socket> {
	const isTls = proxy.protocol === "https:";
	const target = `${url.hostname}:${url.port || 443}`;
	const authorization = proxyAuthorization(proxy);
	return new Promise((resolve, reject) => {
		const outgoing = (isTls ? tlsRequest : request)({
			method: "CONNECT",
			host: bareHost(proxy),
			port: proxy.port || (isTls ? 443 : 80),
			path: target,
			headers: {
				host: target,
				...(authorization && { "proxy-authorization": authorization }),
			},
			...(signal && { signal }),
			agent: false,
		});
		outgoing.setTimeout(idleMs, () => outgoing.destroy(stalled(idleMs)));
		outgoing.on("error", reject);
		outgoing.on("connect", ({ statusCode, statusMessage }, socket) => {
			socket.setTimeout(0);
			if (statusCode === 200) return resolve(socket as Socket);
			socket.destroy();
			reject(
				new ProxyRefused(
					`the proxy ${proxy.host} answers ${statusCode} ${statusMessage ?? ""}`.trim(),
				),
			);
		});
		outgoing.end();
	});
}

function stalled(idleMs: number): Stalled {
	return new Stalled(`nothing came for ${idleMs / 1000} s`);
}

function bareHost({ hostname }: URL): string {
	return hostname.replace(/^\[|\]$/g, "");
}

function withoutFragment(url: URL): string {
	return `${url.protocol}//${url.host}${url.pathname}${url.search}`;
}
