import { statSync } from "node:fs";
import { join } from "node:path";
import { createSession } from "../../engine/ort.ts";
import type { Backbone } from "../../model/types.ts";
import { writeSafetensors } from "../../model/weights/safetensors-write.ts";
import { zooEntry } from "../../model/zoo/zoo.ts";
import { writeWhole } from "../../write-whole.ts";
import type { WholeNetwork } from "../network.ts";
import { torchWeights } from "../torch-names.ts";
import { withEnds } from "../with-ends.ts";
import type { Writer } from "../writer.ts";

/** Weights alone under torchvision's names, for load_state_dict. */
export const safetensorsWriter: Writer =
	(network, { prepared }) =>
	async (folder) => {
		const name = "model.safetensors";
		const file = join(folder, name);
		const { graph, weights } = network;
		const named = torchWeights(graph, prepared.backbone.graph, weights);
		writeWhole(
			file,
			writeSafetensors(named.tensors, {
				...{ format: "pt", "graft.run_id": network.runId },
				"graft.classes": JSON.stringify(network.classNames),
			}),
		);
		const ends = withEnds(network);
		return {
			...{ files: [name], bytes: statSync(file).size },
			open: () =>
				createSession(ends, weights, {
					outputs: ends.outputs.map((output) => output.name),
					intraOpThreads: 2,
				}),
			...{ isNormalizing: false, layout: "nchw" },
			howToOpen: howToLoad(
				network,
				torchvisionName(prepared.backbone, network.inputShape),
				named.classifier,
			),
		};
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
