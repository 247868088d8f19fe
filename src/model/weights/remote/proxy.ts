/** Environment variables, as process.env holds them. */
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for an address: HTTPS_PROXY or HTTP_PROXY, in small letters too (which win, as in curl), unless
 * NO_PROXY names the host. Undefined: straight.
 */
export function proxyFor(url: URL, env: Env): URL | undefined {
	const name = url.protocol === "https:" ? "https_proxy" : "http_proxy";
	const proxy =
		env[name] || env[name.toUpperCase()] || env.all_proxy || env.ALL_PROXY;
	if (!proxy || isExcepted(url, env.no_proxy || env.NO_PROXY || ""))
		return undefined;
	return new URL(/^https?:\/\//i.test(proxy) ? proxy : `http://${proxy}`);
}

/** NO_PROXY: hosts by commas; `example.com` and `.example.com` mean its subdomains too, `host:port` one port, `*` all. */
function isExcepted(url: URL, list: string): boolean {
	const host = bare(url.hostname);
	const port = url.port || (url.protocol === "https:" ? "443" : "80");
	return list
		.split(/[\s,]+/)
		.filter((item) => item !== "")
		.some((item) => {
			if (item === "*") return true;
			const [, name = "", only] =
				/^(\[[^\]]*\]|[^:]*|[^[\]]*:[^[\]]*:[^[\]]*)(?::(\d+))?$/.exec(item) ??
				[];
			const wanted = bare(name).replace(/^\*?\./, "");
			if (wanted === "" || (only !== undefined && only !== port)) return false;
			return host === wanted || host.endsWith(`.${wanted}`);
		});
}

function bare(host: string): string {
	return host.toLowerCase().replace(/^\[|\]$/g, "");
}

/** `Basic …` for a proxy whose address holds a user. */
export function proxyAuthorization({
	username,
	password,
}: URL): string | undefined {
	if (username === "") return undefined;
	const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
	return `Basic ${Buffer.from(user).toString("base64")}`;
}

/** An address as it may be shown: without user, password, query and fragment, which may be secret. */
export function shown(url: URL): string {
	return `${url.protocol}//${url.host}${url.pathname}`;
}
