import {
	createServer,
	type IncomingMessage,
	request,
	type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A server between Graft and MLflow that does what networks do. */
export interface Proxy {
	readonly uri: string;
	readonly close: () => Promise<void>;
	/** What happened to how many requests. */
	readonly counts: Record<string, number>;
}

/**
 * What happens to a request: `pass`; `drop` cuts the line before MLflow hears of it; `lose` after it did
 * it, so that the answer is lost; `double` sends it twice; `swallow` answers 200 with `swallowed` and does nothing.
 */
export type Fate = "pass" | "drop" | "lose" | "double" | "swallow";

export async function openProxy(
	target: string,
	fate: (path: string, index: number) => Fate,
	delayMs = 0,
	swallowed = "{}",
): Promise<Proxy> {
	const counts: Record<string, number> = {};
	let index = 0;
	async function answer(incoming: IncomingMessage, out: ServerResponse) {
		const chunks: Buffer[] = [];
		for await (const chunk of incoming) chunks.push(chunk as Buffer);
		const what = fate(incoming.url ?? "", index++);
		counts[what] = (counts[what] ?? 0) + 1;
		if (delayMs > 0) await sleep(delayMs);
		if (what === "drop") return incoming.socket.destroy();
		if (what === "swallow") return out.end(swallowed);
		const body = Buffer.concat(chunks);
		if (what === "double") await forward(target, incoming, body);
		const { status, text } = await forward(target, incoming, body);
		if (what === "lose") return incoming.socket.destroy();
		out.writeHead(status).end(text);
	}
	const server = createServer((incoming, out) => {
		answer(incoming, out).catch(() => incoming.socket.destroy());
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	return {
		uri: `http://127.0.0.1:${port}`,
		counts,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

function forward(
	target: string,
	{ method, url, headers }: IncomingMessage,
	body: Buffer,
): Promise<{ status: number; text: Buffer }> {
	return new Promise((resolve, reject) => {
		const { host: _, ...kept } = headers;
		const outgoing = request(
			`${target}${url}`,
			{ method: method as string, headers: kept, agent: false },
			(incoming) => {
				const chunks: Buffer[] = [];
				incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
				incoming.on("end", () =>
					resolve({
						status: incoming.statusCode ?? 0,
						text: Buffer.concat(chunks),
					}),
				);
				incoming.on("error", reject);
			},
		);
		outgoing.on("error", reject);
		outgoing.end(body);
	});
}
