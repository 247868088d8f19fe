import { EXIT } from "../diagnostic.ts";
import { isSweep } from "../experiment/load.ts";
import { cacheFolder } from "../paths.ts";
import { planJson } from "../plan/json.ts";
import { printPlan } from "../plan/print.ts";
import { printProvenance } from "../plan/provenance.ts";
import type { Options } from "./arguments.ts";
import type { Io } from "./io.ts";
import { planHere } from "./plan-input.ts";
import { preparedOrExit } from "./prepared.ts";

/** `graft plan FILE`: stages, shapes, the cut, costs, and what the cache already holds; of a sweep, its trials and tasks. */
export async function plan(
	file: string,
	options: Options,
	io: Io,
): Promise<number> {
	if (isSweep(file, options.sets))
		return (await import("./plan-sweep.ts")).planSweep(file, options, io);
	const cache = cacheFolder(options.cache);
	const prepared = await preparedOrExit(file, options, io, "warning");
	if (typeof prepared === "number") return prepared;
	const input = planHere(file, prepared, cache, options.flags.has("layers"));
	const values = options.flags.has("values")
		? printProvenance(prepared.plan.provenance, process.cwd())
		: "";
	io.stdout(
		options.json
			? `${JSON.stringify(planJson(input), null, 2)}\n`
			: printPlan(input) + values,
	);
	return EXIT.ok;
}
