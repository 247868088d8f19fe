import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { AskOptions } from "../ask.ts";
import { ok, type Result, RunError } from "../diagnostic.ts";
import { readOnnx } from "../model/onnx/read.ts";
import { writeOnnx } from "../model/onnx/write.ts";
import type { Backbone } from "../model/types.ts";
import { writeSafetensors } from "../model/weights/safetensors-write.ts";
import { zooEntry } from "../model/zoo/zoo.ts";
import { predictPhotos } from "../predict.ts";
import { readPredictions } from "../runs/predictions.ts";
import { openNetwork, type Trained } from "../trained.ts";
import { writeWhole } from "../write-whole.ts";
import { modelCard, type Opening } from "./card.ts";
import { networkOf, type WholeNetwork } from "./network.ts";
import { checkParity, type Expected, type Parity } from "./parity.ts";
import { torchWeights } from "./torch-names.ts";
import { withEnds } from "./with-ends.ts";

/**
 * A run's whole network as files that others open:
 *
 *   run ─ put together ─ preprocessing and labels ─ written ─ read back ─ real photos agree? ─ renamed into its place
 */
export type ExportFormat = "onnx" | "safetensors";

/** What became of an export. */
export interface Exported {
	readonly runId: string;
	/** Absolute. */
	readonly folder: string;
	/** Relative to the folder. */
	readonly files: readonly string[];
	readonly parity: Parity;
}

/** Photos that an export is checked on, at most. */
const MOST_PHOTOS = 256;

/**
 * @param folder of the run
 * @param out a folder that is not there yet
 * @param photos to check the export on; none: the run's valid photos
 * @throws RunError "export-exists", "export-differs", "export-no-photos", "export-not-a-layer"; as openNetwork
 */
export async function exportRun(
	folder: string,
	format: ExportFormat,
	out: string,
	photos: readonly string[],
	options: AskOptions,
): Promise<Result<Exported>> {
	const target = resolve(out);
	if (existsSync(target))
		throw new RunError("export-exists", `"${out}" is there already`, {
			fix: "name another folder with --out, or remove this one",
		});
	const opened = await openNetwork(folder, options);
	if (!opened.ok) return opened;
	const trained = opened.value;
	const network = await networkOf(trained);
	const expected = await expectedOf(trained, folder, photos, options);
	if (!expected.ok) return expected;
	const temporary = join(
		dirname(target),
		`.${basename(target)}.${process.pid}.tmp`,
	);
	try {
		mkdirSync(temporary, { recursive: true });
		const { exif } = trained.prepared.loaded.experiment.data;
		const written = await WRITERS[format](network, trained, temporary);
		const parity = await checkParity(
			...[written.graph, written.weights, network.transforms, expected.value],
			{ exif, isMultiLabel: network.isMultiLabel },
		);
		const { record, prepared } = trained;
		const texts = {
			"classes.json": `${JSON.stringify(network.classNames, null, 2)}\n`,
			"transforms.json": `${JSON.stringify(network.transforms, null, 2)}\n`,
			"README.md": modelCard(
				...[record, network, parity, prepared.backbone.license],
				written,
			),
		};
		for (const [name, text] of Object.entries(texts))
			writeWhole(join(temporary, name), text);
		renameSync(temporary, target);
		const files = [written.file, ...Object.keys(texts)];
		return ok(
			{ runId: record.runId, folder: target, files, parity },
			opened.warnings,
		);
	} catch (error) {
		rmSync(temporary, { recursive: true, force: true });
		throw error;
	}
}

/** What one format has written, as it reads back. */
interface WrittenNetwork
	extends Pick<WholeNetwork, "graph" | "weights">,
		Opening {
	readonly file: string;
}

type Writer = (
	network: WholeNetwork,
	trained: Trained,
	folder: string,
) => Promise<WrittenNetwork>;

const WRITERS: Readonly<Record<ExportFormat, Writer>> = {
	async onnx(network, _trained, folder) {
		const file = join(folder, "model.onnx");
		const graph = withEnds(network);
		writeWhole(
			file,
			writeOnnx(graph, network.weights, {
				"graft.run_id": network.runId,
				"graft.classes": JSON.stringify(network.classNames),
				"graft.transforms": JSON.stringify(network.transforms),
			}),
		);
		const read = await readOnnx(file);
		return {
			...{ graph: read.graph, weights: read.weights, file: "model.onnx" },
			isNormalizing: true,
			howToOpen: `\`\`\`python
import json, onnxruntime
session = onnxruntime.InferenceSession("model.onnx")
logits, *_ = session.run(None, {"pixels": pixels})      # numpy float32
print(json.load(open("classes.json"))[logits[0].argmax()])
\`\`\``,
		};
	},
	async safetensors(network, { prepared }, folder) {
		const name = "model.safetensors";
		const { graph, weights } = network;
		const named = torchWeights(graph, prepared.backbone.graph, weights);
		writeWhole(
			join(folder, name),
			writeSafetensors(named.tensors, {
				...{ format: "pt", "graft.run_id": network.runId },
				"graft.classes": JSON.stringify(network.classNames),
			}),
		);
		return {
			...{ graph: withEnds(network), weights, file: name },
			isNormalizing: false,
			howToOpen: howToLoad(
				network,
				torchvisionName(prepared.backbone, network.inputShape),
				named.classifier,
			),
		};
	},
};

/** Undefined for networks that torchvision has not, or computes otherwise than these weights want. */
function torchvisionName(
	{ name, graph }: Backbone,
	[, height = 0, width = 0]: readonly number[],
): string | undefined {
	const entry = zooEntry(name);
	if (entry?.weights.kind !== "torchvision") return undefined;
	const { nodes } = entry.build([height, width]);
	const isTorchvision = JSON.stringify(nodes) === JSON.stringify(graph.nodes);
	return isTorchvision ? name : undefined;
}

function howToLoad(
	{ classNames }: WholeNetwork,
	backbone: string | undefined,
	classifier: string | undefined,
): string {
	const names =
		classifier === undefined
			? "The names are the network's own; those of a new head begin with `head`, and it stands on the layer that the experiment's `features` names."
			: `The head is \`${classifier}\`.`;
	if (backbone === undefined || classifier === undefined) return names;
	return `${names}

\`\`\`python
import torchvision
from safetensors.torch import load_file
model = torchvision.models.${backbone}(num_classes=${classNames.length})
model.load_state_dict(load_file("model.safetensors"))
model.eval()
\`\`\``;
}

/** What the run says of the photos named, or has said of its valid photos as far as they are still there. */
async function expectedOf(
	{ record, prepared }: Trained,
	folder: string,
	photos: readonly string[],
	options: AskOptions,
): Promise<Result<readonly Expected[]>> {
	if (photos.length > 0) {
		const said = await predictPhotos(folder, photos, options);
		if (!said.ok) return said;
		return ok(
			spread(
				said.value.photos.map((photo) => ({
					...photo,
					file: resolve(photo.path),
				})),
			),
		);
	}
	const root = record.data?.root ?? prepared.loaded.experiment.data.root;
	const there = readPredictions(folder)
		.map((prediction) => ({ ...prediction, file: join(root, prediction.path) }))
		.filter(({ file }) => existsSync(file));
	if (there.length > 0) return ok(spread(there));
	throw new RunError(
		"export-no-photos",
		`none of the valid photos of run ${record.runId} is in ${root} any more, and an export is checked on photos`,
		{ fix: "name photos to check it on: graft export RUN --to onnx PHOTOS…" },
	);
}

/** From all over the list, so that every class has its share. */
function spread(photos: readonly Expected[]): readonly Expected[] {
	const most = Math.min(MOST_PHOTOS, photos.length);
	return Array.from(
		{ length: most },
		(_, index) =>
			photos[Math.floor((index * photos.length) / most)] as Expected,
	);
}
