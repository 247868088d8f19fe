import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { HeadChoice } from "../experiment/types.ts";
import { asMap, type Mapped } from "../model/as-map.ts";
import { classToken } from "../model/class-token.ts";
import { appendHead, type Edit, type HeadOptions } from "../model/edit.ts";
import { producers } from "../model/graph.ts";
import { type Joined, joinFeatures } from "../model/join-features.ts";
import { replaceLayer } from "../model/replace.ts";
import { resolveTensor } from "../model/resolve.ts";
import { photoShapes, type Shapes } from "../model/shapes.ts";
import type { Backbone, Graph } from "../model/types.ts";
import { type FeaturesAt, featureList, tensorAtDepth } from "./features-at.ts";
import { idlePool } from "./idle-model.ts";
import { placed } from "./place.ts";

/** The backbone with its head appended or its layers replaced. */
export interface Network {
	readonly graph: Graph;
	/** Last tensor, [n, numClasses]. */
	readonly output: string;
	/** Initializers that the edit made. */
	readonly added: readonly string[];
	/** Where a head is attached; undefined: the network keeps its own end. */
	readonly features?: readonly FeaturesAt[];
}

/** @param input [channels, height, width] that enters the network. */
export function buildNetwork(
	loaded: LoadedExperiment,
	backbone: Backbone,
	numClasses: number,
	input: readonly number[],
): Result<Network> {
	const { model } = loaded.experiment;
	const { graph: whole } = backbone;
	const idle = () => idlePool(loaded, whole, new Map(), undefined);
	if (model.head !== undefined && "keep" in model.head)
		return ok(
			{
				...{ graph: whole, added: [] },
				output: whole.outputs[0]?.name ?? "",
			},
			idle(),
		);
	if (model.replace !== undefined) {
		const replaced = replaceLayers(loaded, backbone, input);
		return replaced.ok ? ok(replaced.value, idle()) : replaced;
	}
	const features = featuresOf(loaded, backbone, input);
	if (!features.ok) return features;
	const { graph, tensor, shape } = features.value;
	const edit = appendHead(graph, tensor, {
		numClasses,
		...headLayers(model.head),
		globalPool: poolOfMaps(model.global_pool),
		featureShape: shape,
	});
	const { places } = features.value;
	return edit.ok
		? ok({ ...edit.value, features: places }, features.warnings)
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
	// A classical head is a linear layer as far as the graph goes.
	if (head === undefined || !("mlp" in head))
		return { bias: head && "linear" in head ? head.linear.bias : true };
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

/** Where the head attaches: one tensor, or several that are put side by side. */
function featuresOf(
	loaded: LoadedExperiment,
	backbone: Backbone,
	input: readonly number[],
): Result<Joined & { readonly places: readonly FeaturesAt[] }> {
	const { features, global_pool } = loaded.experiment.model;
	const { graph } = backbone;
	const shapes = photoShapes(graph, input);
	const problems: Diagnostic[] = [];
	const warnings: Diagnostic[] = [];
	const tensors: string[] = [];
	const places: FeaturesAt[] = [];
	featureList(features).forEach((name, index) => {
		const at = Array.isArray(features) ? [index] : [];
		const found =
			typeof name === "object"
				? tensorAtDepth(loaded, backbone, shapes, name, at)
				: featuresTensor(loaded, backbone, name, at);
		if (!found.ok) {
			problems.push(...found.diagnostics);
			return;
		}
		warnings.push(...found.warnings);
		const place = found.value;
		if (shapes.get(place.tensor) === undefined)
			problems.push(unknownShape(loaded, graph, shapes, place.tensor));
		else {
			tensors.push(place.tensor);
			places.push(place);
		}
	});
	if (problems.length > 0) return fail(problems);
	let mapped = graph;
	const found: Mapped[] = [];
	for (const [index, tensor] of tensors.entries()) {
		const shape = shapes.get(tensor)?.slice(1) ?? [];
		const pool = global_pool === "cls" ? classToken : asMap;
		const own = pool(mapped, tensor, shape);
		if (!own) return fail([noTokens(loaded, tensor, shape, index)]);
		mapped = own.graph;
		found.push(own);
	}
	const idle = [...warnings, ...idlePool(loaded, graph, shapes, tensors)];
	if (found.length === 1) return ok({ ...(found[0] as Mapped), places }, idle);
	const each = found.map(({ shape }) => shape);
	const wrong = each.findIndex(({ length }) => length !== 1 && length !== 3);
	if (wrong < 0) {
		const names = found.map(({ tensor }) => tensor);
		const pool = poolOfMaps(global_pool);
		return ok({ ...joinFeatures(mapped, names, each, pool), places }, idle);
	}
	return fail([
		placed(loaded, ["model", "features", wrong], {
			severity: "error",
			code: "features-shape",
			message: `"${tensors[wrong]}" of shape [n, ${each[wrong]?.join(", ")}] cannot stand beside others`,
			reason:
				"a head takes vectors [n, d], maps [n, c, h, w] and tokens [n, s, d]",
			fix: "name another tensor in model.features",
		}),
	]);
}

/** What becomes of a map: under `cls` there is none. */
function poolOfMaps(
	pool: LoadedExperiment["experiment"]["model"]["global_pool"],
): HeadOptions["globalPool"] {
	return pool === "cls" ? "avg" : pool;
}

function noTokens(
	loaded: LoadedExperiment,
	tensor: string,
	shape: readonly number[],
	index: number,
): Diagnostic {
	const { features } = loaded.experiment.model;
	const at = Array.isArray(features) ? ["features", index] : ["global_pool"];
	return placed(loaded, ["model", ...at], {
		severity: "error",
		code: "features-shape",
		message: `"${tensor}" of shape [n, ${shape.join(", ")}] has no class token`,
		reason:
			"global_pool: cls takes the first of the tokens [n, s, d] of a Vision Transformer, or a vector [n, d] as it is",
		fix: "write global_pool: avg, or name tokens in model.features: graft plan --layers shows the shape of each layer",
	});
}

function featuresTensor(
	loaded: LoadedExperiment,
	backbone: Backbone,
	name: string | undefined,
	at: readonly number[],
): Result<FeaturesAt> {
	const { graph } = backbone;
	const ofTensor = (tensor: string) =>
		ok({ tensor, layer: producers(graph).get(tensor)?.layer ?? tensor });
	if (name === undefined) return ofTensor(backbone.features);
	const found = resolveTensor(graph, name);
	if (found.ok) return ofTensor(found.tensor);
	return fail([
		placed(loaded, ["model", "features", ...at], {
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
