import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import { classicalHead } from "../experiment/classical-types.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { Experiment, Transform } from "../experiment/types.ts";
import { cutPoints } from "../model/cuts.ts";
import { photoShapes, type Shapes } from "../model/shapes.ts";
import type { Backbone, Graph } from "../model/types.ts";
import { averageProblems } from "./average-problems.ts";
import { checkClassWeights } from "./class-weights.ts";
import { checkClassical } from "./classical.ts";
import { cutReasonOf, findCut } from "./cut.ts";
import { freezeProblems } from "./freeze-problems.ts";
import { everMoved, everTrained, goesOf } from "./goes.ts";
import { groupProblems } from "./group-problems.ts";
import { idlePrecision } from "./idle-model.ts";
import { idleBatchNorm, idleTraining } from "./idle-train.ts";
import { keptRows } from "./kept-rows.ts";
import { runFingerprint } from "./keys.ts";
import { mixedPixels, mixProblems } from "./mixing.ts";
import { buildNetwork, type Network } from "./network.ts";
import { completeNormalize } from "./normalize.ts";
import { placed } from "./place.ts";
import { checkInput, checkOutput, checkShapes, imageShape } from "./rules.ts";
import { layerStages, pixelStages } from "./stages.ts";
import { prefixOf } from "./suffix.ts";
import type { DataFacts, EngineFacts, Pipeline, Plan } from "./types.ts";

/** What the user asked, what the photos and the network are, and what would run it. */
export interface CompileInput {
	readonly loaded: LoadedExperiment;
	readonly backbone: Backbone;
	/** Undefined while the photos are missing: the plan then assumes two classes. */
	readonly data: DataFacts | undefined;
	readonly engine: EngineFacts;
}

/**
 * Three inputs, one plan. Pure.
 *
 *   1 transforms   Normalize from the weights
 *   2 network      backbone + head or replaced layers, shapes
 *   3 freeze       which parameters learn
 *   4 cut          train and eval apart: prefix │ live │ suffix
 *   5 keys         of the cached features and of the run
 */
export function compile({
	loaded,
	backbone,
	data,
	engine,
}: CompileInput): Result<Plan> {
	const { experiment } = loaded;
	const problems: Diagnostic[] = [];

	// 1 transforms
	const { train: trainTransforms, same } = listsOf(experiment);
	const trained = completeNormalize(
		trainTransforms,
		backbone.preprocess,
		backbone.name,
	);
	const evaluated = same
		? trained
		: completeNormalize(
				experiment.transforms.eval,
				backbone.preprocess,
				backbone.name,
			);
	problems.push(...placeTransforms(loaded, "train", trained.problems));
	if (!same)
		problems.push(...placeTransforms(loaded, "eval", evaluated.problems));
	const input = checkInput(
		loaded,
		backbone,
		imageShape(trained.transforms),
		imageShape(evaluated.transforms),
	);
	problems.push(...input.problems);
	if (input.shape === undefined) return fail(problems);

	// 2 network
	const numClasses = data?.classNames.length ?? 2;
	const network = buildNetwork(loaded, backbone, numClasses, input.shape);
	if (!network.ok) return fail([...problems, ...network.diagnostics]);
	problems.push(...network.warnings);
	const { graph, output, added } = network.value;
	const shapes = photoShapes(graph, input.shape);
	const tooSmall = checkShapes(loaded, graph, shapes, input.shape);
	if (tooSmall.length > 0) return fail([...problems, ...tooSmall]);
	problems.push(...checkOutput(loaded, shapes.get(output), data?.classNames));
	problems.push(...checkClassWeights(loaded, data?.classNames));

	// 3 freeze
	const goes = goesOf(experiment, graph, new Set(added));
	problems.push(...freezeProblems(loaded, backbone.name, goes));
	const trainable = everTrained(graph, goes);
	const buffers = everMoved(goes);
	problems.push(...checkClassical(loaded, trainable, added, data));
	const learning = { graph, trainable, added };
	problems.push(...groupProblems(loaded, backbone.name, learning));
	problems.push(...averageProblems(loaded, data?.counts.train));
	problems.push(...idleTraining(loaded, data?.counts.train));
	problems.push(...idleBatchNorm(loaded, graph, trainable));
	if (problems.some(({ severity }) => severity === "error"))
		return fail(problems);

	// 4 cut, 5 keys
	const parts = {
		experiment,
		backbone,
		network: network.value,
		shapes,
		inputShape: input.shape,
		engine,
		evalTransforms: evaluated.transforms,
		trainPhotos: data?.trainPhotos,
		points: cutPoints(graph),
		prefixes: new Map<string, Graph>(),
	};
	const both = (learns: Learns) => ({
		train: pipeline(parts, learns, trained.transforms, true),
		eval: pipeline(parts, learns, evaluated.transforms, false),
	});
	const touched = new Set<string>();
	const phases = goes.map((go) => {
		const { name, trainable, buffers } = go;
		for (const changed of [...trainable, ...buffers]) touched.add(changed);
		const learns = {
			trainable: new Set(trainable),
			changed: new Set(touched),
			earlier: new Set(
				[...touched].filter(
					(name) => !trainable.includes(name) && !buffers.includes(name),
				),
			),
		};
		return { name, trainable, buffers, ...both(learns) };
	});
	const mixing = mixProblems(
		loaded,
		phases.map(({ train }) => train),
	);
	if (mixing.length > 0) return fail([...problems, ...mixing]);
	const cuts = phases.map(({ train }) => train.cutTensor);
	problems.push(...idlePrecision(loaded, graph, cuts));
	const ever = new Set(trainable);
	const classical = classicalHead(experiment.model.head);
	const plan: Plan = {
		graph,
		output,
		...both({
			...{ trainable: ever, changed: new Set([...ever, ...buffers]) },
			earlier: new Set(),
		}),
		trainable,
		buffers,
		...(experiment.train.phases && { phases }),
		added,
		numClasses,
		...(engine.provider !== "cpu" && { provider: engine.provider }),
		...(classical && { classical }),
		...(network.value.features && { features: network.value.features }),
		fingerprint: undefined,
		provenance: loaded.provenance,
	};
	return ok(withTraining(plan, { loaded, backbone, data, engine }), problems);
}

/** The plan of an experiment that differs from the compiled one in its seed and in how it trains alone. */
export function withTraining(
	{ strategy: _, ...plan }: Plan,
	{ loaded, backbone, data, engine }: CompileInput,
): Plan {
	const { weightsSha256 } = backbone;
	const isKnown =
		data?.fingerprint !== undefined && weightsSha256 !== undefined;
	return {
		...plan,
		fingerprint: isKnown
			? runFingerprint(loaded.experiment, plan.graph, {
					data: data.fingerprint,
					weights: weightsSha256,
					trainable: plan.trainable,
					buffers: plan.buffers,
					features: [plan.train.featureKey, plan.eval.featureKey],
					int8: plan.train.int8?.source,
					engine,
				})
			: undefined,
		provenance: loaded.provenance,
		...(loaded.strategy && {
			strategy: { name: loaded.strategy, gives: loaded.strategyGives ?? [] },
		}),
	};
}

interface Parts {
	readonly experiment: Experiment;
	readonly backbone: Backbone;
	readonly network: Network;
	readonly shapes: Shapes;
	readonly inputShape: readonly number[];
	readonly engine: EngineFacts;
	readonly evalTransforms: readonly Transform[];
	readonly trainPhotos: readonly string[] | undefined;
	/** Of the whole network. */
	readonly points: readonly string[];
	/** By the tensor they end with: train and eval mostly share one. */
	readonly prefixes: Map<string, Graph>;
}

/** Initializers that learn, and those whose values are no longer the backbone's, which are no part of a prefix. */
interface Learns {
	readonly trainable: ReadonlySet<string>;
	readonly changed: ReadonlySet<string>;
	/** Those of them that learn no more. */
	readonly earlier: ReadonlySet<string>;
}

function pipeline(
	parts: Parts,
	{ trainable, changed, earlier }: Learns,
	transforms: readonly Transform[],
	training: boolean,
): Pipeline {
	const { graph } = parts.network;
	const pixels = pixelStages(transforms);
	const layers = layerStages(graph, parts.shapes, trainable, training);
	const mixed = training ? mixedPixels(parts.experiment) : undefined;
	// What is mixed first is different at each step.
	const points = mixed === undefined ? parts.points : parts.points.slice(0, 1);
	const cut = findCut(graph, points, changed, training);
	const prefix = parts.prefixes.get(cut.tensor) ?? prefixOf(graph, cut.tensor);
	parts.prefixes.set(cut.tensor, prefix);
	const before = new Set(prefix.nodes.map(({ layer }) => layer));
	const suffixStart =
		pixels.length + layers.filter(({ name }) => before.has(name)).length;
	const random = pixels.find(({ isRandom }) => isRandom);
	const featureShape =
		cut.tensor === graph.inputs[0]?.name
			? parts.inputShape
			: (parts.shapes.get(cut.tensor)?.slice(1) ?? []);
	const { weightsSha256 } = parts.backbone;
	const kept = keptRows(
		weightsSha256 === undefined
			? undefined
			: {
					prefix,
					cutTensor: cut.tensor,
					transforms,
					exif: parts.experiment.data.exif,
					weightsSha256,
					engine: parts.engine,
				},
		{
			experiment: parts.experiment,
			isRandom: random !== undefined,
			calibration: parts.evalTransforms,
			trainPhotos: parts.trainPhotos,
		},
	);
	const isLive = random !== undefined && kept.views === undefined;
	return {
		stages: [...pixels, ...layers],
		cut: isLive ? 0 : suffixStart,
		live: suffixStart,
		cutReason:
			mixed ?? cutReasonOf(cut, isLive ? random?.name : undefined, earlier),
		transforms,
		inputShape: parts.inputShape,
		cutTensor: cut.tensor,
		featureShape,
		...kept,
	};
}

function listsOf({ transforms }: Experiment) {
	return {
		train: transforms.train,
		same: JSON.stringify(transforms.train) === JSON.stringify(transforms.eval),
	};
}

function placeTransforms(
	loaded: LoadedExperiment,
	list: "train" | "eval",
	problems: ReturnType<typeof completeNormalize>["problems"],
) {
	return problems.map(({ at, ...problem }) =>
		placed(
			loaded,
			["transforms", list, ...(at === undefined ? [] : [at])],
			problem,
		),
	);
}
