import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { HeadChoice } from "../experiment/types.ts";
import { appendHead, type Edit, type HeadOptions } from "../model/edit.ts";
import { replaceLayer } from "../model/replace.ts";
import { resolveTensor } from "../model/resolve.ts";
import { photoShapes, type Shapes } from "../model/shapes.ts";
import type { Backbone, Graph } from "../model/types.ts";
import { placed } from "./place.ts";

/** The backbone with its head appended or its layers replaced. */
export interface Network {
	readonly graph: Graph;
	/** Last tensor, [n, numClasses]. */
	readonly output: string;
	/** Initializers that the edit made. */
	readonly added: readonly string[];
}

/** @param input [channels, height, width] that enters the network. */
export function buildNetwork(
	loaded: LoadedExperiment,
	backbone: Backbone,
	numClasses: number,
	input: readonly number[],
): Result<Network> {
	const { model } = loaded.experiment;
	if (model.replace !== undefined)
		return replaceLayers(loaded, backbone, input);
	const features = featuresTensor(loaded, backbone);
	if (!features.ok) return features;
	const shapes = photoShapes(backbone.graph, input);
	const shape = shapes.get(features.value)?.slice(1);
	if (shape === undefined)
		return fail([unknownShape(loaded, backbone.graph, shapes, features.value)]);
	const edit = appendHead(backbone.graph, features.value, {
		numClasses,
		...headLayers(model.head),
		globalPool: model.global_pool,
		featureShape: shape,
	});
	return edit.ok
		? edit
		: fail(
				edit.diagnostics.map((problem) =>
					placed(loaded, ["model", "features"], problem),
				),
			);
}

const ACTIVATIONS = { relu: "Relu", tanh: "Tanh", sigmoid: "Sigmoid" } as const;

/** The layers of the head that the file names. */
function headLayers(
	head: HeadChoice | undefined,
): Pick<HeadOptions, "bias" | "mlp"> {
	if (head === undefined || !("mlp" in head))
		return { bias: head?.linear.bias ?? true };
	const { hidden, activation, dropout, bias } = head.mlp;
	const widths = typeof hidden === "number" ? [hidden] : hidden;
	return {
		bias,
		mlp: { widths, activation: ACTIVATIONS[activation], dropout },
	};
}

function replaceLayers(
	loaded: LoadedExperiment,
	backbone: Backbone,
	input: readonly number[],
): Result<Network> {
	let network: Edit = {
		graph: backbone.graph,
		added: [],
		output: backbone.graph.outputs[0]?.name ?? "",
	};
	const problems: Diagnostic[] = [];
	for (const [layer, spec] of Object.entries(
		loaded.experiment.model.replace ?? {},
	)) {
		const edit = replaceLayer(
			network.graph,
			layer,
			spec,
			photoShapes(network.graph, input),
		);
		if (edit.ok)
			network = {
				...edit.value,
				added: [...network.added, ...edit.value.added],
			};
		else
			problems.push(
				...edit.diagnostics.map((problem) =>
					placed(loaded, ["model", "replace", layer], problem),
				),
			);
	}
	return problems.length > 0 ? fail(problems) : ok(network);
}

function featuresTensor(
	loaded: LoadedExperiment,
	backbone: Backbone,
): Result<string> {
	const name = loaded.experiment.model.features;
	if (name === undefined) return ok(backbone.features);
	const found = resolveTensor(backbone.graph, name);
	if (found.ok) return ok(found.tensor);
	return fail([
		placed(loaded, ["model", "features"], {
			severity: "error",
			code: "unknown-tensor",
			message: `"${name}" is neither a layer nor a tensor of ${backbone.name}`,
			reason:
				"features names the place where the head attaches; graft plan --layers lists the layers",
			...(found.nearest === undefined
				? {}
				: {
						fix: `did you mean "${found.nearest}"?`,
						suggestion: found.nearest,
					}),
		}),
	]);
}

function unknownShape(
	loaded: LoadedExperiment,
	graph: Graph,
	shapes: Shapes,
	tensor: string,
): Diagnostic {
	const first = graph.nodes.find(
		({ outputs }) => shapes.get(outputs[0] ?? "") === undefined,
	);
	const cause =
		first === undefined
			? "an operator before it"
			: `${first.op} "${first.name}"`;
	return placed(loaded, ["model", "features"], {
		severity: "error",
		code: "features-shape",
		message: `the shape of "${tensor}" is not known`,
		reason: `${cause} is not covered by shape inference, and the file states no shape for it`,
		fix: "run onnx.shape_inference.infer_shapes on the file and save it, or name an earlier layer in features",
	});
}
