import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { FeaturePlace, ModelOptions } from "../experiment/types.ts";
import { depthPlaces, placeAtDepth } from "../model/depth.ts";
import type { Shapes } from "../model/shapes.ts";
import type { Backbone } from "../model/types.ts";
import { placed } from "./place.ts";

/** A place of the network where a head is attached. */
export interface FeaturesAt {
	readonly tensor: string;
	/** Layer that makes the tensor. */
	readonly layer: string;
	/** Share of the multiply-adds that are done there, of a place that was asked for by depth. */
	readonly depth?: number;
}

/** What `model.features` names, in order; undefined: the network's own. */
export function featureList(
	features: ModelOptions["features"],
): readonly (FeaturePlace | undefined)[] {
	if (features === undefined || typeof features === "string") return [features];
	return "depth" in features ? [features] : features;
}

/** Where the heads of a plan attach, for the record of a run; nothing where the file names the layers itself. */
export function attachedByDepth({
	features = [],
}: {
	readonly features?: readonly FeaturesAt[];
}): { readonly attached?: readonly FeaturesAt[] } {
	const isByDepth = features.some(({ depth }) => depth !== undefined);
	return isByDepth ? { attached: features } : {};
}

/** How far from what was asked a place may be before that is worth a word. */
const FAR = 0.1;

/** The place at `{ depth: share }`. @param at index in the list of features, if it is one */
export function tensorAtDepth(
	loaded: LoadedExperiment,
	{ graph, features, name }: Backbone,
	shapes: Shapes,
	{ depth }: { readonly depth: number },
	at: readonly number[],
): Result<FeaturesAt> {
	const say = (problem: Omit<Diagnostic, "code">) =>
		placed(loaded, ["model", "features", ...at, "depth"], {
			...problem,
			code: "features-depth",
		});
	const places = depthPlaces(graph, features, shapes);
	const place = placeAtDepth(places, depth);
	if (place === undefined)
		return fail([
			say({
				severity: "error",
				message: `there is no place at a depth of ${depth} in ${name}`,
				reason:
					"depth is a share of the multiply-adds up to the network's features, and none of its layers before them is a convolution or a matrix product of known shape that all paths lead through",
				fix: "name a layer in model.features: graft plan --layers lists them",
			}),
		]);
	if (Math.abs(place.depth - depth) <= FAR) return ok(place);
	const names = places
		.map(({ layer, depth: share }) => `${layer} ${shareText(share)}`)
		.slice(0, 8);
	return ok(place, [
		say({
			severity: "warning",
			message: `depth ${depth} of ${name} is taken at "${place.layer}", which is at ${shareText(place.depth)}`,
			reason: `no place nearer can be cut clean, with all that follows depending on one tensor; those that can are ${names.join(", ")}${places.length > names.length ? ", …" : ""}`,
			fix: `write { depth: ${shareText(place.depth)} } or name the layer`,
		}),
	]);
}

/** `0.61`. */
export function shareText(depth: number): string {
	return String(Number(depth.toFixed(2)));
}
