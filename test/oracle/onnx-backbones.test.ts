import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { envFor, experimentIn, folderFor, graft } from "../support/graft.ts";
import { needs } from "../support/needs.ts";
import { fewPhotos } from "./photos.ts";
import { type Apart, python } from "./python.ts";

const torch = needs("torch");

interface Item {
	readonly name: string;
	readonly opset: number;
	/** torch.onnx's newer exporter. */
	readonly dynamo: boolean;
	/** A batch of any size; else of the one photo that it was exported with. */
	readonly dynamic: boolean;
	/** Name the inner place by its node; else by its tensor. */
	readonly byNode?: boolean;
	/** Train a head on it, too. */
	readonly trains?: boolean;
}

const ITEMS: readonly Item[] = [
	{ name: "resnet18", opset: 11, dynamo: false, dynamic: false, trains: true },
	{
		name: "mobilenet_v3_small",
		opset: 17,
		dynamo: false,
		dynamic: true,
		byNode: true,
	},
	{
		name: "squeezenet1_1",
		opset: 20,
		dynamo: true,
		dynamic: false,
		byNode: true,
	},
	{ name: "vit", opset: 17, dynamo: false, dynamic: true },
	{
		name: "vit",
		opset: 20,
		dynamo: true,
		dynamic: true,
		byNode: true,
		trains: true,
	},
	{ name: "caffe", opset: 11, dynamo: false, dynamic: false, trains: true },
];

interface Exported {
	readonly preprocess: { readonly size: readonly [number, number] };
	readonly place: { readonly tensor: string; readonly node: string };
}

test("networks exported by torch.onnx give PyTorch's features at the head's place and inside, and train", {
	skip: torch.missing,
}, async (context) => {
	const folder = folderFor(context);
	const env = envFor(folder);
	const root = fewPhotos(folder, ["bird", "fruit"], 4, 2);
	const items = ITEMS.map((item, index) => ({
		...item,
		path: join(folder, `${index}.onnx`),
	}));
	const exported = await python<Exported[]>(torch.path, "onnx_networks.py", {
		do: "export",
		items,
	});

	const compared: { name: string; at: string; path: string; index: number }[] =
		[];
	for (const [index, { name, path, byNode, trains }] of items.entries()) {
		const { preprocess, place } = exported[index] as Exported;
		const file = experimentIn(
			folder,
			JSON.stringify({
				data: { root },
				transforms: [
					{ Resize: { size: preprocess.size } },
					"ToTensor",
					"Normalize",
				],
				model: {
					backbone: { onnx: path, preprocess },
					freeze: "all",
					head: "linear",
				},
				train: {
					loss: "cross_entropy",
					optimizer: "sgd",
					learning_rate: 0.01,
					epochs: 3,
					batch_size: 4,
				},
			}),
			`${index}.yaml`,
		);
		for (const at of ["default", "inner"]) {
			const out = join(folder, `${index}-${at}.safetensors`);
			const where = byNode ? place.node : place.tensor;
			const ended = await graft(
				[
					"features",
					file,
					"--out",
					out,
					...(at === "inner" ? ["--at", where] : []),
				],
				env,
			);
			assert.equal(ended.code, 0, ended.stderr);
			compared.push({ name, at, path: out, index });
		}
		if (trains) await assertTrains(file, env);
	}

	const results = await python<
		(Apart & { name: string; at: string; split: string; index: number })[]
	>(torch.path, "onnx_networks.py", { do: "compare", root, items: compared });
	assert.equal(results.length, 4 * items.length);
	for (const { index, at, split, ...difference } of results)
		assert.ok(
			difference.relative < 1e-5 && difference.cosine > 0.999999,
			`${JSON.stringify(ITEMS[index])} ${at} ${split}: ${JSON.stringify(difference)}`,
		);
});

/** Three epochs of a linear head on these features end with finite losses, from the cached rows. */
async function assertTrains(
	file: string,
	env: NodeJS.ProcessEnv,
): Promise<void> {
	const ended = await graft(["run", file, "--format", "json"], env);
	assert.equal(ended.code, 0, ended.stderr);
	const { status, cache, metrics } = JSON.parse(ended.stdout) as {
		status: string;
		cache: string;
		metrics: Record<string, number>;
	};
	assert.deepEqual([status, cache], ["FINISHED", "hit"]);
	for (const [key, value] of Object.entries(metrics))
		assert.ok(Number.isFinite(value), `${key} ${value}`);
}
