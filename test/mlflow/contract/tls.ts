import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { trackingSettings } from "../../../src/mlflow/settings.ts";
import { temporaryFolder } from "../../runs/example-run.ts";
import { real, send, serverUri, settingsFor } from "./fixture.ts";
import { pointAt, runOf, textFile } from "./runs.ts";

/** A proxy that speaks TLS before the real server, its certificates made here. */

interface Certificates {
	readonly ca: string;
	readonly server: string;
	readonly client: string;
}

/** PEM files: an authority, a server it signed for 127.0.0.1, a client it signed with its key. */
function makeCertificates(context: TestContext): Certificates {
	const folder = temporaryFolder(context);
	const path = (name: string) => join(folder, name);
	const openssl = (...args: string[]) =>
		execFileSync("openssl", args, { stdio: "pipe", cwd: folder });
	const key = [
		"-newkey",
		"ec",
		"-pkeyopt",
		"ec_paramgen_curve:P-256",
		"-nodes",
	];
	openssl(
		...["req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem"],
		...["-subj", "/CN=Graft test authority", "-days", "2"],
	);
	for (const name of ["server", "client"])
		openssl(
			...["req", "-x509", "-CA", "ca.pem", "-CAkey", "ca.key", ...key],
			...["-keyout", `${name}.pem`, "-out", `${name}.crt`, "-days", "2"],
			...["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1"],
			...["-addext", "basicConstraints=critical,CA:FALSE"],
		);
	for (const name of ["server", "client"])
		execFileSync("sh", ["-c", `cat ${name}.crt >> ${name}.pem`], {
			cwd: folder,
		});
	return {
		ca: path("ca.pem"),
		server: path("server.pem"),
		client: path("client.pem"),
	};
}

/** Passes every request on to MLflow. */
async function openTlsProxy(
	context: TestContext,
	{ ca, server }: Certificates,
	asksForClient = false,
): Promise<string> {
	const pem = readFileSync(server);
	const proxy = createServer(
		{
			...{ cert: pem, key: pem, ca: readFileSync(ca) },
			...{ requestCert: asksForClient, rejectUnauthorized: asksForClient },
		},
		(incoming, out) => {
			const { method, url, headers } = incoming;
			const { host: _, ...kept } = headers;
			const outgoing = request(
				`${serverUri()}${url}`,
				{ method: method as string, headers: kept },
				(answer) => {
					out.writeHead(answer.statusCode as number, answer.headers);
					answer.pipe(out);
				},
			);
			incoming.pipe(outgoing);
		},
	);
	await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
	context.after(() => {
		proxy.closeAllConnections();
		proxy.close();
	});
	return `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

const run = (name: string) =>
	runOf(name, {
		points: [pointAt(1, 1)],
		artifacts: [textFile("a.txt", "over TLS")],
	});

test(
	"a server behind TLS is believed by the authority in MLFLOW_TRACKING_SERVER_CERT_PATH and by no other",
	real,
	async (context) => {
		const certificates = makeCertificates(context);
		const uri = await openTlsProxy(context, certificates);
		const sent = (name: string, env: Record<string, string>) =>
			send(run(name), settingsFor(uri, env));

		const trusted = await sent("tls", {
			MLFLOW_TRACKING_SERVER_CERT_PATH: certificates.ca,
		});
		assert.deepEqual(trusted.problems, []);
		assert.equal(trusted.isComplete, true);

		const unknown = await sent("tls-unknown", {});
		assert.equal(unknown.isUnreachable, true);
		assert.match(
			unknown.problems.join(),
			/get-by-name: .*(nobody this machine trusts signed the server's certificate: set MLFLOW_TRACKING_SERVER_CERT_PATH to the PEM file of who did)/,
		);

		const other = await sent("tls-other", {
			MLFLOW_TRACKING_SERVER_CERT_PATH: makeCertificates(context).ca,
		});
		assert.match(
			other.problems.join(),
			/not signed by the one in MLFLOW_TRACKING_SERVER_CERT_PATH/,
		);

		const insecure = await sent("tls-insecure", {
			MLFLOW_TRACKING_INSECURE_TLS: "true",
		});
		assert.equal(insecure.isComplete, true, insecure.problems.join());
	},
);

test(
	"a name that the certificate does not hold is refused",
	real,
	async (context) => {
		const certificates = makeCertificates(context);
		const uri = await openTlsProxy(context, certificates);
		const { problems } = await send(
			run("tls-name"),
			settingsFor(uri.replace("127.0.0.1", "localhost"), {
				MLFLOW_TRACKING_SERVER_CERT_PATH: certificates.ca,
			}),
		);
		assert.match(
			problems.join(),
			/altnames.*call the server by a name that its certificate holds/,
		);
	},
);

test(
	"a server that asks for a certificate gets that of MLFLOW_TRACKING_CLIENT_CERT_PATH",
	real,
	async (context) => {
		const certificates = makeCertificates(context);
		const uri = await openTlsProxy(context, certificates, true);
		const trust = { MLFLOW_TRACKING_SERVER_CERT_PATH: certificates.ca };
		const without = await send(run("tls-client"), settingsFor(uri, trust));
		assert.match(
			without.problems.join(),
			/asks for a certificate of yours: set MLFLOW_TRACKING_CLIENT_CERT_PATH/,
		);
		const outcome = await send(
			run("tls-client"),
			settingsFor(uri, {
				...trust,
				MLFLOW_TRACKING_CLIENT_CERT_PATH: certificates.client,
			}),
		);
		assert.equal(outcome.isComplete, true, outcome.problems.join());
	},
);

test(
	"http:// and https:// taken for each other are told",
	real,
	async (context) => {
		const uri = await openTlsProxy(context, makeCertificates(context));
		const plain = await send(
			run("tls-plain"),
			settingsFor(serverUri().replace("http:", "https:")),
		);
		assert.match(plain.problems.join(), /begin with http:\/\/\?/);
		const secure = await send(
			run("tls-secure"),
			settingsFor(uri.replace("https:", "http:"), {
				MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0",
			}),
		);
		assert.match(secure.problems.join(), /get-by-name: \S+/);
		assert.equal(secure.isUnreachable, true);
	},
);

test("files that are no certificates are told before anything is asked", (context) => {
	const certificates = makeCertificates(context);
	for (const [name, path] of [
		["MLFLOW_TRACKING_SERVER_CERT_PATH", import.meta.filename],
		["MLFLOW_TRACKING_SERVER_CERT_PATH", temporaryFolder(context)],
		// Without its key.
		["MLFLOW_TRACKING_CLIENT_CERT_PATH", certificates.ca],
	] as const) {
		const settings = trackingSettings(
			{ uri: "https://127.0.0.1" },
			{ [name]: path },
		);
		assert.equal(settings.ok || settings.diagnostics[0]?.code, "tracking-file");
	}
});
