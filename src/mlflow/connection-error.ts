import type { Settings } from "./settings.ts";

/** Why no answer came at all, and what to do about it: TLS's and the network's words are nobody's. */

/** Ours and theirs will not agree however often they are asked. */
const HOPELESS = /CERT|SIGNED|SIGNATURE|ISSUER|^ERR_SSL|^EPROTO|^HPE_|^ERR_TLS/;

/** Whether asking again cannot help. */
export function isHopeless(error: Error): boolean {
	return HOPELESS.test(codeOf(error));
}

/** One line: the reason, and in brackets what helps where that is known. */
export function explainConnection(
	error: Error,
	{ tls }: Pick<Settings, "tls">,
): string {
	const code = codeOf(error);
	// An AggregateError of several addresses has an empty message.
	const reason = oneReason(error) || code;
	const hint = hintFor(code, error.message, tls.ca !== undefined);
	return hint === undefined ? reason : `${reason} (${hint})`;
}

function hintFor(
	code: string,
	message: string,
	hasCa: boolean,
): string | undefined {
	if (/SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/.test(code))
		return hasCa
			? "the server's certificate was not signed by the one in MLFLOW_TRACKING_SERVER_CERT_PATH: name the file of its own authority there"
			: "nobody this machine trusts signed the server's certificate: set MLFLOW_TRACKING_SERVER_CERT_PATH to the PEM file of who did";
	if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
		return "call the server by a name that its certificate holds";
	if (code === "CERT_HAS_EXPIRED") return "the server needs a new certificate";
	if (/ALERT_CERTIFICATE_REQUIRED|ALERT_HANDSHAKE/.test(`${code} ${message}`))
		return "the server asks for a certificate of yours: set MLFLOW_TRACKING_CLIENT_CERT_PATH to a PEM file with it and its key";
	if (/wrong.version.number|packet.length/i.test(`${code} ${message}`))
		return "the server speaks no TLS: does its address begin with http://?";
	if (code.startsWith("HPE_"))
		return "the server does not answer in HTTP: does its address begin with https://?";
	return undefined;
}

/** OpenSSL's errors are `<thread>:error:<number>:<library>:<function>:<reason>:<source line>`. */
function oneReason({ message }: Error): string {
	const parts = /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(message);
	return (parts?.[1] ?? message).replace(/\s+/g, " ").trim();
}

function codeOf(error: Error): string {
	return (error as NodeJS.ErrnoException).code ?? "";
}
