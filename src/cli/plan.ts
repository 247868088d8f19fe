import { EXIT } from "../diagnostic.ts";
import { isSweep } from "../experiment/load.ts";
import { cacheFolder } from "../paths.ts";
import { planJson } from "../plan/json.ts";
import { printPlan } from "../plan/print.ts";
import { printProvenance } from "../plan/provenance.ts";
import type { Prepared } from "../prepare.ts";
import { decisionKey, readDecision } from "../strategy/decision-cache.ts";
import type { Decision } from "../strategy/types.ts";
import type { Options } from "./arguments.ts";
import type { Io } from "./io.ts";
import { planHere } from "./plan-input.ts";
import { preparedOrExit } from "./prepared.ts";
import { decisionText } from "./strategy-text.ts";

/** What `strategy: auto` came to, where a run has decided it; nothing is measured here. */
function decisionBefore(prepared: Prepared, cache: string) {
	return prepared.loaded.strategy === "auto"
		? readDecision(cache, decisionKey(prepared))
		: undefined;
}

/** Why the plan is what it is, or that it is not decided yet. */
function autoText(
	{ loaded }: Prepared,
	decision: Decision | undefined,
): string {
	if (loaded.strategy !== "auto") return "";
	return decision === undefined
		? "\nstrategy auto: not decided yet; graft run looks at the training photos at five depths of the network, once, and decides\n"
		: `\n${decisionText(decision)}`.trimEnd().concat("\n");
}

/** `graft plan FILE`: stages, shapes, the cut, costs, and what the cache already holds; of a sweep, its trials and tasks. */
export async function plan(
	file: string,
	options: Options,
	io: Io,
): Promise<number> {
	if (isSweep(file, options.sets))
		return (await import("./plan-sweep.ts")).planSweep(file, options, io);
	const cache = cacheFolder(options.cache);
	const first = await preparedOrExit(file, options, io, "warning");
	if (typeof first === "number") return first;
	const decision = decisionBefore(first, cache);
	const sets = [...options.sets, ...(decision?.sets ?? [])];
	const prepared = decision
		? await preparedOrExit(file, { ...options, sets }, io, "warning")
		: first;
	if (typeof prepared === "number") return prepared;
	const input = planHere(file, prepared, cache, options.flags.has("layers"));
	const values = options.flags.has("values")
		? printProvenance(prepared.plan.provenance, process.cwd())
		: "";
	io.stdout(
		options.json
			? `${JSON.stringify({ ...planJson(input), ...(decision && { decision }) }, null, 2)}\n`
			: printPlan(input) + autoText(first, decision) + values,
	);
	return EXIT.ok;
}
