import { join } from "node:path";
import { RunError } from "../../../diagnostic.ts";
import { sha256 } from "../../../fingerprint.ts";
import type { Env } from "./proxy.ts";

/** Where weights are that are not on this machine: `hf:owner/repo@revision/file` or an address. */
export type RemoteSource =
	| {
			readonly kind: "url";
			readonly url: URL;
			/** First hex digits of the file's sha256, from its publisher. */
			readonly sha256Prefix?: string | undefined;
	  }
	| {
			readonly kind: "hub";
			/** owner/name */
			readonly repo: string;
			/** Branch, tag or commit; main where it is not said. */
			readonly revision: string;
			/** Path in the repository; undefined: model.safetensors, or its index where it is in shards. */
			readonly file: string | undefined;
	  };

/** Whether a text of `model.weights` names a source rather than a path. */
export function isRemote(weights: string): boolean {
	return /^(hf:|https?:\/\/)/i.test(weights);
}

/** @throws RunError "weights-source". */
export function parseSource(weights: string): RemoteSource {
	if (!/^hf:/i.test(weights)) return parseUrl(weights);
	const [, repo, revision = "main", file] =
		/^hf:([\w.-]+\/[\w.-]+)(?:@([^/\s]+))?(?:\/(.+))?$/i.exec(weights) ?? [];
	if (repo === undefined)
		throw badSource(
			weights,
			"hf: is followed by owner/repository, then perhaps @revision and /file.safetensors: hf:timm/resnet18.a1_in1k",
		);
	if (file !== undefined && !/^([\w][\w.-]*\/)*[\w][\w.-]*$/.test(file))
		throw badSource(weights, `"${file}" is no path of a file in a repository`);
	if (file !== undefined && !/\.safetensors(\.index\.json)?$/.test(file))
		throw badSource(
			weights,
			"of the hub only .safetensors files are fetched; for another file, give its address (https://…/resolve/main/pytorch_model.bin)",
		);
	if (!/^[\w.%-]+$/.test(revision) || /^\.+$/.test(revision))
		throw badSource(
			weights,
			`"${revision}" is no revision; a slash in it is written %2F`,
		);
	return { kind: "hub", repo, revision: revision.replace(/%2f/gi, "/"), file };
}

function parseUrl(weights: string): RemoteSource {
	if (!URL.canParse(weights))
		throw badSource(weights, "it begins like an address, but is none");
	const url = new URL(weights);
	if (url.username !== "" || url.password !== "")
		throw badSource(
			`${url.protocol}//…@${url.host}${url.pathname}`,
			"an experiment file must not hold a password: fetch the file yourself and name its path",
		);
	url.hash = "";
	return { kind: "url", url };
}

function badSource(weights: string, fix: string): RunError {
	return new RunError(
		"weights-source",
		`"${weights}" names no weights that could be fetched`,
		{ fix },
	);
}

/** The name of a source in weights.lock.json. */
export function sourceKey(source: RemoteSource): string {
	if (source.kind === "url") return source.url.href;
	const { repo, revision, file } = source;
	const at = revision === "main" ? "" : `@${revision.replaceAll("/", "%2F")}`;
	return `hf:${repo}${at}${file === undefined ? "" : `/${file}`}`;
}

/** The folder of all fetched weights. */
export function weightsFolder(cache: string): string {
	return join(cache, "weights");
}

/** `weights/HOST/PATH`: the address read as a path, so that one finds it and could put a file there by hand. */
export function urlPlace(url: URL, cache: string): string {
	const steps = url.pathname.split("/").filter((step) => step !== "");
	const clean = [url.host, ...steps].map((step) =>
		step.replace(/[^\w.-]/g, "_").replace(/^\.+/, "_"),
	);
	const last = clean.length > 1 ? (clean.pop() as string) : "weights";
	const query = url.search === "" ? "" : `${sha256(url.search).slice(0, 8)}-`;
	return join(weightsFolder(cache), ...clean, query + last);
}

/** Whether an environment variable says yes, in the words that huggingface_hub takes. */
export function isOn(value: string | undefined): boolean {
	return /^(1|on|yes|true)$/i.test(value ?? "");
}

/** Whether nothing may be fetched: GRAFT_OFFLINE, for the hub HF_HUB_OFFLINE too. Answers the variable's name. */
export function offlineBy(source: RemoteSource, env: Env): string | undefined {
	if (isOn(env.GRAFT_OFFLINE)) return "GRAFT_OFFLINE";
	const isHub = source.kind === "hub";
	return isHub && isOn(env.HF_HUB_OFFLINE) ? "HF_HUB_OFFLINE" : undefined;
}
