import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { RunError } from "../../../src/diagnostic.ts";
import { download } from "../../../src/model/weights/remote/download.ts";
import { proxyFor, shown } from "../../../src/model/weights/remote/proxy.ts";
import { urlPlace } from "../../../src/model/weights/remote/source.ts";
import { folderFor } from "../../support/graft.ts";
import { listen, serve } from "./server.ts";

const PATIENCE = { idleMs: 5_000, attempts: 2, pauseMs: 1 };
const FILE = Buffer.alloc(50_000, "proxy");

const via = (url: string, env: Record<string, string>) =>
	proxyFor(new URL(url), env)?.href;

test("the proxy is that of the address's scheme, small letters first, NO_PROXY excepted", () => {
	const env = {
		HTTPS_PROXY: "http://s:1",
		HTTP_PROXY: "p:2",
		NO_PROXY: "a.org, .b.org,*.c.org:8443,10.0.0.1,[::1]",
	};
	assert.equal(via("https://x.org/", env), "http://s:1/");
	assert.equal(via("http://x.org/", env), "http://p:2/");
	assert.equal(
		via("https://x.org/", { ...env, https_proxy: "http://t:3" }),
		"http://t:3/",
	);
	assert.equal(
		via("https://x.org/", { ALL_PROXY: "http://all:4" }),
		"http://all:4/",
	);
	assert.equal(via("https://x.org/", {}), undefined);
	for (const host of [
		"a.org",
		"A.ORG",
		"deep.a.org",
		"b.org",
		"x.b.org",
		"10.0.0.1",
		"[::1]",
		"c.org:8443",
	])
		assert.equal(via(`https://${host}/`, env), undefined, host);
	for (const host of ["nota.org", "a.org.evil.com", "c.org", "10.0.0.11"])
		assert.equal(via(`https://${host}/`, env), "http://s:1/", host);
	assert.equal(via("https://x.org/", { ...env, no_proxy: "*" }), undefined);
});

test("an address is shown without what may be secret", () => {
	assert.equal(
		shown(new URL("https://u:p@h.org:8/a/b?key=1#f")),
		"https://h.org:8/a/b",
	);
});

/** A forward proxy: absolute addresses, and tunnels where `lets` allows them. */
async function openProxy(context: TestContext, lets = true) {
	const seen: string[] = [];
	const proxy = createServer((incoming, out) => {
		seen.push(
			`${incoming.method} ${incoming.url} ${incoming.headers["proxy-authorization"]}`,
		);
		request(incoming.url ?? "", { headers: incoming.headers }, (answer) => {
			out.writeHead(answer.statusCode ?? 0, answer.headers);
			answer.pipe(out);
		}).end();
	});
	proxy.on("connect", ({ url = "", headers }, socket) => {
		seen.push(`CONNECT ${url} ${headers["proxy-authorization"]}`);
		if (!lets)
			return socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
		const [host, port] = url.split(":");
		const onward = connect(Number(port), host, () => {
			socket.write("HTTP/1.1 200 OK\r\n\r\n");
			onward.pipe(socket).pipe(onward);
		});
		onward.on("error", () => socket.destroy());
		socket.on("error", () => onward.destroy());
	});
	return { port: await listen(context, proxy), seen };
}

test("http goes through HTTP_PROXY with the proxy's own user, which the server does not see", async (t) => {
	const server = await serve(t, FILE);
	const { port, seen } = await openProxy(t);
	const env = { HTTP_PROXY: `http://me:p%40ss@127.0.0.1:${port}` };
	const target = join(folderFor(t), "w");
	const saidBy = "nobody";
	await download(
		server.url(),
		target,
		"w",
		{ saidBy },
		{ env, patience: PATIENCE },
	);
	assert.ok(readFileSync(target).equals(FILE));
	const user = Buffer.from("me:p@ss").toString("base64");
	assert.deepEqual(seen, [`GET ${server.url().href} Basic ${user}`]);
	await download(
		server.url(),
		`${target}2`,
		"w",
		{ saidBy },
		{ env: { ...env, NO_PROXY: "127.0.0.1" }, patience: PATIENCE },
	);
	assert.equal(seen.length, 1);
});

test("https goes through a tunnel of HTTPS_PROXY, its certificate checked against the host", async (t) => {
	const folder = folderFor(t);
	execFileSync(
		"openssl",
		[
			...[
				"req",
				"-x509",
				"-newkey",
				"ec",
				"-pkeyopt",
				"ec_paramgen_curve:P-256",
				"-nodes",
			],
			...[
				"-keyout",
				"key.pem",
				"-out",
				"cert.pem",
				"-subj",
				"/CN=graft",
				"-days",
				"2",
			],
			...["-addext", "subjectAltName=DNS:localhost"],
		],
		{ stdio: "pipe", cwd: folder },
	);
	const [key, cert] = ["key.pem", "cert.pem"].map((name) =>
		readFileSync(join(folder, name)),
	);
	const server = createTlsServer({ key, cert }, (_, out) => out.end(FILE));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	t.after(() => server.close());
	const { port: tls } = server.address() as AddressInfo;
	const { port, seen } = await openProxy(t);
	const fetch = async (host: string) => {
		const child = spawn(
			process.execPath,
			[
				...[
					"--import",
					import.meta.resolve("tsx"),
					join(import.meta.dirname, "fetch-worker.ts"),
				],
				...[`https://${host}:${tls}/w.pth`, folder, join(folder, "lock.json")],
			],
			{
				env: {
					...process.env,
					NO_PROXY: "",
					no_proxy: "",
					HTTPS_PROXY: `127.0.0.1:${port}`,
					NODE_EXTRA_CA_CERTS: join(folder, "cert.pem"),
				},
			},
		);
		let stderr = "";
		child.stderr.on("data", (data: Buffer) => {
			stderr += data;
		});
		return new Promise<string>((resolve) =>
			child.on("close", () => resolve(stderr)),
		);
	};
	assert.equal(await fetch("localhost"), "");
	assert.ok(
		readFileSync(
			urlPlace(new URL(`https://localhost:${tls}/w.pth`), folder),
		).equals(FILE),
	);
	assert.deepEqual(seen, [`CONNECT localhost:${tls} undefined`]);
	assert.match(await fetch("127.0.0.1"), /ERR_TLS_CERT_ALTNAME_INVALID/);
});

test("a proxy that lets nobody through is named with its answer", async (t) => {
	const { port } = await openProxy(t, false);
	const env = { https_proxy: `http://me:secret@127.0.0.1:${port}` };
	await assert.rejects(
		download(
			new URL("https://localhost:1/w"),
			join(folderFor(t), "w"),
			"w",
			{ saidBy: "nobody" },
			{ env, patience: PATIENCE },
		),
		(error: RunError) => {
			assert.equal(error.code, "download-broken");
			assert.equal(
				error.message,
				`https://localhost:1/w: the proxy 127.0.0.1:${port} answers 407 Proxy Authentication Required`,
			);
			return true;
		},
	);
});
