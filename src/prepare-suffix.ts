import type { Diagnostic } from "./diagnostic.ts";
import { expectedBackend } from "./engine/device/engines.ts";
import { type UnsupportedOp, unsupportedOps } from "./engine/tfjs/supported.ts";
import type { LoadedExperiment } from "./experiment/load.ts";
import type { CompileInput } from "./plan/compile.ts";
import { wasmEpochSeconds } from "./plan/cost.ts";
import { placed } from "./plan/place.ts";
import { prefixOf, suffixOf } from "./plan/suffix.ts";
import type { Plan } from "./plan/types.ts";
import { duration } from "./text.ts";

/** What tfjs makes of a plan, told before anything is loaded. */

/** Operators of the suffixes that tfjs does not know, and of the prefixes where it runs them, named with their nodes. */
export function uncovered(
	loaded: LoadedExperiment,
	plan: Plan,
): readonly Diagnostic[] {
	// Cut before all that any phase trains.
	const pipelines = [plan.train, plan.eval];
	const suffix = listed(
		pipelines.flatMap((pipeline) => unsupportedOps(suffixOf(plan, pipeline))),
	);
	const { prefix_engine } = loaded.experiment.model;
	const prefix =
		prefix_engine !== "tfjs"
			? undefined
			: listed(
					pipelines.flatMap(({ cutTensor }) =>
						cutTensor === plan.graph.inputs[0]?.name
							? []
							: unsupportedOps(prefixOf(plan.graph, cutTensor)),
					),
				);
	const found: Diagnostic[] = [];
	if (suffix !== undefined)
		found.push(
			placed(loaded, ["model", "freeze"], {
				severity: "error",
				code: "unsupported-op",
				message: `the part that trains holds operators that cannot be trained yet: ${suffix}`,
				reason: `the part that trains begins where the prefix ends: ${plan.train.cutReason}`,
				fix: "freeze these layers too (freeze: all), so that onnxruntime computes them once per photo",
			}),
		);
	if (prefix !== undefined)
		found.push(
			placed(loaded, ["model", "prefix_engine"], {
				severity: "error",
				code: "unsupported-op",
				message: `the frozen part holds operators that tfjs does not know: ${prefix}`,
				fix: "leave prefix_engine out: onnxruntime runs them",
			}),
		);
	return found;
}

function listed(found: readonly UnsupportedOp[]): string | undefined {
	const named = new Set(
		found.map(({ op, node, reason }) => `${op} "${node}" ${reason}`),
	);
	if (named.size === 0) return undefined;
	const [first, second, ...more] = named;
	const list = [first, second].filter((text) => text !== undefined).join("; ");
	return more.length > 0 ? `${list}; and ${more.length} more` : list;
}

/** Below this a whole training is nothing to speak of. */
const WORTH_SECONDS = 60;

/**
 * A warning where convolutions train on wasm, which computes on one thread and whose gradients of convolutions are made
 * of other operations: what it will take, and what is faster.
 */
export function onWasm(
	{ loaded, data }: Pick<CompileInput, "loaded" | "data">,
	plan: Plan,
): readonly Diagnostic[] {
	const { device, train } = loaded.experiment;
	if (plan.classical || expectedBackend(device) !== "wasm") return [];
	const seconds = data && wasmEpochSeconds(plan, data);
	if (seconds === undefined) return [];
	if (seconds * train.epochs < WORTH_SECONDS) return [];
	return [
		placed(loaded, ["model", "freeze"], {
			severity: "warning",
			code: "suffix-on-wasm",
			message: `convolutions train on wasm, on one thread: about ${duration(seconds)} an epoch`,
			reason: `the part that trains begins where the prefix ends: ${plan.train.cutReason}`,
			fix: "graft setup native brings TensorFlow, which is many times faster here; or freeze more",
		}),
	];
}
