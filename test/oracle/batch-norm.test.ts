import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { openTfjs } from "../../src/engine/backend.ts";
import { compileGraph } from "../../src/engine/tfjs/compile.ts";
import { openParameters } from "../../src/engine/tfjs/parameters.ts";
import { scoped } from "../../src/engine/tfjs/scoped.ts";
import { subgraph } from "../../src/model/edit.ts";
import type { Graph, GraphNode, Tensor } from "../../src/model/types.ts";
import { readSafetensors } from "../../src/model/weights/safetensors.ts";
import { zooEntry, zooNames } from "../../src/model/zoo/zoo.ts";
import { folderFor } from "../support/graft.ts";
import { needs } from "../support/needs.ts";
import { python } from "./python.ts";

const torch = needs("torch");
const networks = zooNames().filter(
	(name) => zooEntry(name)?.weights.kind === "torchvision",
);

interface Answer {
	/** By network and layer: eps and momentum. */
	readonly told: Readonly<
		Record<string, Readonly<Record<string, readonly [number, number]>>>
	>;
	readonly running: Readonly<Record<string, readonly number[]>>;
}

test("every BatchNorm of the zoo has torchvision's eps and momentum, and a batch leaves torch's running statistics in a block of mobilenet_v3_small", {
	skip: torch.missing,
}, async (context) => {
	const file = join(folderFor(context), "state.safetensors");
	const request = { networks, file };
	const { told, running } = await python<Answer>(
		...[torch.path, "batch_norm.py", request],
	);
	assert.ok(networks.length > 30, `${networks.length} networks`);
	for (const name of networks)
		assert.deepEqual(
			toldIn(zooEntry(name)?.build([224, 224])),
			told[name],
			name,
		);

	const { tensors } = await readSafetensors(file);
	const found = await statisticsAfter(tensors);
	for (const [name, expected] of Object.entries(running)) {
		const { data } = found.get(name) as Tensor;
		expected.forEach((value, index) => {
			const off = Math.abs(value - Number(data[index]));
			assert.ok(off < 1e-6, `${name}[${index}] is off by ${off}`);
		});
	}
	assert.equal(found.size, Object.keys(running).length);
});

/** By layer: eps and torch's momentum. */
function toldIn(graph: Graph | undefined) {
	const nodes = graph?.nodes.filter(({ op }) => op === "BatchNormalization");
	const number = (node: GraphNode, name: string, usual: number) =>
		Number(node.attributes[name] ?? usual);
	return Object.fromEntries(
		(nodes ?? []).map((node) => [
			node.layer,
			[
				number(node, "epsilon", 1e-5),
				Number((1 - number(node, "momentum", 0.9)).toFixed(6)),
			],
		]),
	);
}

/** Running statistics of features.1 after one batch in training. */
async function statisticsAfter(
	tensors: ReadonlyMap<string, Tensor>,
): Promise<ReadonlyMap<string, Tensor>> {
	const whole = zooEntry("mobilenet_v3_small")?.build([224, 224]);
	assert.ok(whole);
	const part = subgraph(whole, ["features.0.2"], ["features.1.block.2.1"]);
	assert.ok(part.ok);
	const names = part.value.initializers.map(({ name }) => name);
	const buffers = names.filter((name) => /\.running_(mean|var)$/.test(name));
	const { tf } = await openTfjs();
	const parameters = openParameters(
		...[tf, [part.value], tensors, [] as string[], buffers],
	);
	const photos = tensors.get("photos") as Tensor;
	scoped(tf, () => {
		const x = tf.tensor(photos.data as Float32Array, [4, 16, 8, 8]);
		compileGraph(tf, part.value, parameters).forward(x, {
			...{ training: true, seed: 0, step: 0 },
		});
	});
	const found = new Map(buffers.map((name) => [name, parameters.read(name)]));
	parameters.dispose();
	return found;
}
