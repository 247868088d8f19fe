import { fail, ok, type Result } from "../diagnostic.ts";
import { resolveTensor } from "../model/resolve.ts";
import { photoShapes } from "../model/shapes.ts";
import type { Backbone } from "../model/types.ts";
import { keptAt } from "./kept-rows.ts";
import { prefixOf } from "./suffix.ts";
import type { EngineFacts, Pipeline } from "./types.ts";

/**
 * The pipeline cut at a layer or tensor that the user names, `logits` for the backbone's own last output: what
 * `graft features --at` computes.
 */
export function pipelineAt(
	pipeline: Pipeline,
	backbone: Backbone,
	at: string,
	exif: "apply" | "ignore",
	engine: EngineFacts,
): Result<Pipeline> {
	const { graph, weightsSha256 } = backbone;
	const found = resolveTensor(graph, at);
	if (!found.ok) {
		const { nearest } = found;
		return fail([
			{
				severity: "error",
				code: "unknown-tensor",
				message: `"${at}" is neither a layer nor a tensor of ${backbone.name}`,
				reason: "graft plan --layers lists the layers",
				...(nearest && {
					fix: `did you mean "${nearest}"?`,
					suggestion: nearest,
				}),
			},
		]);
	}
	const input = graph.inputs[0]?.name ?? "";
	const shapes = photoShapes(graph, pipeline.inputShape);
	const shape =
		found.tensor === input
			? pipeline.inputShape
			: shapes.get(found.tensor)?.slice(1);
	if (shape === undefined) {
		return fail([
			{
				severity: "error",
				code: "features-shape",
				message: `the shape of "${at}" is not known`,
				reason:
					"an operator before it is not covered by shape inference, and the file states no shape for it",
				fix: "run onnx.shape_inference.infer_shapes on the file and save it, or name another layer",
			},
		]);
	}
	const kept = keptAt(
		weightsSha256 === undefined
			? undefined
			: {
					prefix: prefixOf(graph, found.tensor),
					cutTensor: found.tensor,
					transforms: pipeline.transforms,
					exif,
					weightsSha256,
					engine,
				},
		pipeline,
	);
	const { reference: _, int8: __, ...plain } = pipeline;
	return ok({
		...plain,
		cutTensor: found.tensor,
		featureShape: shape,
		...kept,
	});
}
