import { RunError } from "../../diagnostic.ts";
import { endpointFrom } from "./hub.ts";
import { type Env, shown } from "./remote/proxy.ts";
import {
	offlineBy,
	type RemoteSource,
	sourceKey,
	urlPlace,
} from "./remote/source.ts";

/** "weights-not-here": the weights of a source are not on this machine; `graft run` fetches them. */
export function unfetchedWeights(
	source: RemoteSource,
	{ name, cache }: { readonly name: string; readonly cache: string },
	env: Env = process.env,
): RunError {
	const variable = offlineBy(source, env);
	const from = source.kind === "url" ? shown(source.url) : endpointFrom(env);
	const what = source.kind === "url" ? from : `${sourceKey(source)} (${from})`;
	const byHand =
		source.kind === "url"
			? `where there is no network, put the file there yourself: ${urlPlace(source.url, cache)}`
			: "where there is no network, fetch the .safetensors file elsewhere and set model.weights to its path";
	return new RunError(
		"weights-not-here",
		`the weights of ${name} are not on this machine yet: ${what}`,
		{
			fix: `${variable === undefined ? "graft run fetches them" : `${variable} forbids to fetch them`}; ${byHand}`,
		},
	);
}
