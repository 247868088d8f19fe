import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/**
 * A headless Chromium, spoken to by the DevTools protocol over a pipe: JSON messages that end in NUL,
 * written to its descriptor 3 and read from its descriptor 4. Needs neither a port nor a WebSocket.
 */
export interface Browser {
	/** Calls a method of the protocol in the page and answers its result. */
	readonly send: (
		method: string,
		params?: Readonly<Record<string, unknown>>,
		// biome-ignore lint/suspicious/noExplicitAny: the protocol's results have a hundred shapes.
	) => Promise<any>;
	/** Runs an expression in the page and answers its value. */
	// biome-ignore lint/suspicious/noExplicitAny: whatever the expression gives.
	readonly evaluate: (expression: string) => Promise<any>;
	readonly open: (url: string) => Promise<void>;
	readonly press: (key: string) => Promise<void>;
	/** Console errors, uncaught exceptions and log entries since the start. */
	readonly complaints: readonly string[];
	/** URLs that were asked for since the start. */
	readonly requests: string[];
	readonly close: () => Promise<void>;
}

const FLAGS = [
	"--headless",
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--disable-sync",
	"--disable-background-networking",
	"--disable-component-update",
	"--no-first-run",
	"--hide-scrollbars",
	"--remote-debugging-pipe",
];

interface Message {
	readonly id?: number;
	readonly method?: string;
	// biome-ignore lint/suspicious/noExplicitAny: the protocol's messages have a hundred shapes.
	readonly params?: any;
	readonly result?: unknown;
	readonly error?: { readonly message: string };
}

/** Starts the browser with a fresh profile and one empty page. `more`: flags of the command line. */
export async function openBrowser(
	path: string,
	more: readonly string[] = [],
): Promise<Browser> {
	const profile = mkdtempSync(join(tmpdir(), "graft-chromium-"));
	const child = spawn(
		path,
		[...FLAGS, ...more, `--user-data-dir=${profile}`, "about:blank"],
		{ stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
	);
	const complaints: string[] = [];
	const requests: string[] = [];
	const listeners = new Map<string, (() => void)[]>();
	const call = connect(child, ({ method = "", params }) => {
		if (method === "Runtime.exceptionThrown")
			complaints.push(JSON.stringify(params.exceptionDetails));
		if (method === "Runtime.consoleAPICalled" && params.type === "error")
			complaints.push(JSON.stringify(params.args));
		if (method === "Log.entryAdded") complaints.push(params.entry.text);
		if (method === "Network.requestWillBeSent")
			requests.push(params.request.url);
		for (const listener of listeners.get(method) ?? []) listener();
		listeners.delete(method);
	});
	// biome-ignore lint/suspicious/noExplicitAny: see Browser.send.
	const target: any = await call("Target.createTarget", { url: "about:blank" });
	// biome-ignore lint/suspicious/noExplicitAny: see Browser.send.
	const session: any = await call("Target.attachToTarget", {
		targetId: target.targetId,
		flatten: true,
	});
	// biome-ignore lint/suspicious/noExplicitAny: see Browser.send.
	const send = (method: string, params = {}): Promise<any> =>
		call(method, params, session.sessionId);
	for (const domain of ["Page", "Runtime", "Log", "Network"])
		await send(`${domain}.enable`);
	const once = (method: string) =>
		new Promise<void>((resolve) => {
			listeners.set(method, [...(listeners.get(method) ?? []), resolve]);
		});
	return {
		send,
		complaints,
		requests,
		evaluate: async (expression) => {
			const { result, exceptionDetails } = await send("Runtime.evaluate", {
				expression,
				returnByValue: true,
				awaitPromise: true,
			});
			if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
			return result.value;
		},
		open: async (url) => {
			const loaded = once("Page.loadEventFired");
			await send("Page.navigate", { url });
			await loaded;
		},
		press: async (key) => {
			const text = key === "Enter" ? "\r" : undefined;
			await send("Input.dispatchKeyEvent", {
				type: text === undefined ? "rawKeyDown" : "keyDown",
				key,
				code: key,
				windowsVirtualKeyCode: KEY_CODES[key],
				...(text === undefined ? {} : { text }),
			});
			await send("Input.dispatchKeyEvent", {
				type: "keyUp",
				key,
				code: key,
				windowsVirtualKeyCode: KEY_CODES[key],
			});
		},
		close: async () => {
			const ended = new Promise((resolve) => child.once("close", resolve));
			// Asked rather than killed, it ends its helpers too, which write to the profile until then.
			await call("Browser.close", {});
			await ended;
			rmSync(profile, {
				recursive: true,
				force: true,
				maxRetries: 10,
				retryDelay: 50,
			});
		},
	};
}

const KEY_CODES: Readonly<Record<string, number>> = {
	Tab: 9,
	Enter: 13,
	Escape: 27,
	End: 35,
	Home: 36,
	ArrowLeft: 37,
	ArrowUp: 38,
	ArrowRight: 39,
	ArrowDown: 40,
};

/** Frames messages on the two pipes and matches answers to calls. */
function connect(child: ChildProcess, onEvent: (message: Message) => void) {
	const input = child.stdio[3] as Writable;
	const output = child.stdio[4] as Readable;
	const waiting = new Map<number, (message: Message) => void>();
	let rest = Buffer.alloc(0);
	output.on("data", (bytes: Buffer) => {
		rest = Buffer.concat([rest, bytes]);
		for (let end = rest.indexOf(0); end !== -1; end = rest.indexOf(0)) {
			const message = JSON.parse(rest.toString("utf8", 0, end)) as Message;
			rest = rest.subarray(end + 1);
			if (message.id === undefined) onEvent(message);
			else waiting.get(message.id)?.(message);
		}
	});
	let calls = 0;
	return (method: string, params: object, sessionId?: string) =>
		new Promise<unknown>((resolve, reject) => {
			const id = ++calls;
			waiting.set(id, ({ result, error }) => {
				waiting.delete(id);
				if (error) reject(new Error(`${method}: ${error.message}`));
				else resolve(result);
			});
			input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
		});
}
