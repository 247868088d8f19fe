import assert from "node:assert/strict";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import type { RunError } from "../../src/diagnostic.ts";
import { createSession } from "../../src/engine/ort.ts";
import type {
	ModelOptions,
	OnnxPreprocess,
} from "../../src/experiment/types.ts";
import { openBackbone } from "../../src/model/backbone.ts";
import { tensorOf } from "../../src/model/dtypes.ts";
import type { Backbone, Tensor } from "../../src/model/types.ts";
import { writeSafetensors } from "../../src/model/weights/safetensors-write.ts";

const ONNX = join(import.meta.dirname, "golden/onnx");

const PREPROCESS: OnnxPreprocess = {
	mean: [103.939, 116.779, 123.68],
	std: [1, 1, 1],
	scale: 255,
	channels: "BGR",
};

function model(
	backbone: ModelOptions["backbone"],
	weights = "default",
): ModelOptions {
	return { backbone, weights, global_pool: "avg", freeze: "all" };
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), "graft-backbone-"));
	try {
		await use(folder);
	} finally {
		await rm(folder, { recursive: true });
	}
}

/** Small tensors in the place of a network's weights; the shapes are wrong where `spoil` says so. */
function weightsFile(
	graph: Backbone["graph"],
	spoil: (name: string) => Tensor | undefined | "drop" = () => undefined,
): Uint8Array {
	const tensors = new Map<string, Tensor>();
	for (const { name, shape, values } of graph.initializers) {
		if (values) continue;
		const other = spoil(name);
		if (other === "drop") continue;
		const size = shape.reduce((a, b) => a * b, 1);
		const zeros = {
			dtype: "float32" as const,
			shape,
			data: new Float32Array(size),
		};
		tensors.set(name, other ?? zeros);
	}
	tensors.set("_bn0.num_batches_tracked", tensorOf("int64", [], [7]));
	return writeSafetensors(tensors);
}

test("the embedded weights belong to the network", async () => {
	const backbone = await openBackbone(model("efficientnet_lite0"), 0);
	const weights = await backbone.loadWeights();
	assert.equal(
		weights.size,
		backbone.graph.initializers.filter(({ values }) => !values).length,
	);
	assert.match(backbone.weightsSha256 ?? "", /^29510a0738ec614e/);
});

test("an unknown name comes back with the nearest and all of them", async () => {
	await assert.rejects(
		openBackbone(model("efficientnet_lite"), 0),
		(error: RunError) => {
			assert.equal(error.code, "unknown-backbone");
			assert.match(error.fix ?? "", /did you mean "efficientnet_lite0"/);
			assert.match(error.fix ?? "", /vgg16/);
			return true;
		},
	);
});

test("random weights are the same for the same seed and named by it", async () => {
	const weights = async (seed: number) => {
		const backbone = await openBackbone(
			model("efficientnet_lite0", "none"),
			seed,
		);
		return [backbone.weightsSha256, await backbone.loadWeights()] as const;
	};
	const [first, again, other] = [
		await weights(1),
		await weights(1),
		await weights(2),
	];
	assert.deepEqual(first, again);
	assert.notEqual(first[0], other[0]);
	assert.notDeepEqual(first[1].get("_fc.weight"), other[1].get("_fc.weight"));
});

test("VGG16's own weights are not here: the plan opens, loading says that a run fetches them, and where to", async () => {
	await inFolder(async (cache) => {
		const backbone = await openBackbone(model("vgg16"), 0, { cache });
		assert.equal(backbone.weightsSha256, undefined);
		assert.ok(backbone.fetchWeights);
		await assert.rejects(backbone.loadWeights(), (error: RunError) => {
			assert.equal(error.code, "weights-not-here");
			assert.match(
				error.message,
				/https:\/\/download\.pytorch\.org\/models\/vgg16-397923af\.pth/,
			);
			assert.match(error.fix ?? "", /graft run fetches them/);
			const place = "weights/download.pytorch.org/models/vgg16-397923af.pth";
			assert.ok(error.fix?.includes(join(cache, place)));
			return true;
		});
	});
});

test("a missing weights file is found out when it is loaded", async () => {
	await inFolder(async (cache) => {
		const backbone = await openBackbone(
			model("vgg16", "/no/such/vgg16.safetensors"),
			0,
			{ cache },
		);
		assert.equal(backbone.weightsSha256, undefined);
		await assert.rejects(backbone.loadWeights(), { code: "weights-missing" });
	});
});

test("a .pth file that breaks off is refused when it is loaded", async () => {
	await inFolder(async (folder) => {
		const path = join(folder, "vgg16-397923af.pth");
		await writeFile(path, "PK\x03\x04");
		const backbone = await openBackbone(model("vgg16", path), 0, {
			cache: folder,
		});
		assert.equal(backbone.fetchWeights, undefined);
		await assert.rejects(backbone.loadWeights(), {
			code: "weights-unreadable",
		});
	});
});

test("a local file is hashed, its half-precision tensors become float32", async () => {
	await inFolder(async (folder) => {
		const { graph } = await openBackbone(model("efficientnet_lite0"), 0);
		const path = join(folder, "w.safetensors");
		// 0x3c00 is 1 in float16, 0x3f80 in bfloat16.
		const half = (dtype: "float16" | "bfloat16", bits: number): Tensor => ({
			dtype,
			shape: [32],
			data: new Uint16Array(32).fill(bits),
		});
		const spoil = (name: string) => {
			if (name === "_bn0.weight") return half("float16", 0x3c00);
			return name === "_bn0.bias" ? half("bfloat16", 0x3f80) : undefined;
		};
		await writeFile(path, weightsFile(graph, spoil));
		const open = () =>
			openBackbone(model("efficientnet_lite0", path), 0, { cache: folder });
		const backbone = await open();
		assert.equal((await open()).weightsSha256, backbone.weightsSha256);
		const weights = await backbone.loadWeights();
		for (const name of ["_bn0.weight", "_bn0.bias"])
			assert.deepEqual(weights.get(name)?.data, new Float32Array(32).fill(1));

		await writeFile(path, weightsFile(graph));
		assert.notEqual((await open()).weightsSha256, backbone.weightsSha256);
		await assert.rejects(backbone.loadWeights(), { code: "weights-changed" });
		await appendFile(path, " ");
		assert.equal((await open()).weightsSha256, undefined);
	});
});

test("weights of another network are listed as load_state_dict lists them", async () => {
	await inFolder(async (folder) => {
		const { graph } = await openBackbone(model("efficientnet_lite0"), 0);
		const path = join(folder, "w.safetensors");
		const spoil = (name: string) => {
			if (name === "_fc.bias") return "drop";
			return name === "_fc.weight"
				? tensorOf("float32", [2], [1, 2])
				: undefined;
		};
		await writeFile(path, weightsFile(graph, spoil));
		const backbone = await openBackbone(model("efficientnet_lite0", path), 0, {
			cache: folder,
		});
		assert.equal(backbone.weightsSha256, undefined);
		await assert.rejects(backbone.loadWeights(), (error: RunError) => {
			assert.equal(error.code, "weights-mismatch");
			assert.match(error.message, /missing: _fc\.bias/);
			assert.match(error.message, /_fc\.weight \(float32 \[2\] in the file/);
			assert.doesNotMatch(error.message, /num_batches_tracked/);
			return true;
		});
	});
});

test("an .onnx file's classifier is found behind its softmax", async () => {
	const onnx = join(ONNX, "tiny17.onnx");
	const backbone = await openBackbone(
		model({ onnx, preprocess: PREPROCESS }),
		0,
	);
	assert.equal(backbone.features, "/classifier/classifier.2/Clip_output_0");
	assert.equal(backbone.numClasses, 5);
	assert.equal(backbone.name, "tiny17.onnx");
	assert.deepEqual(backbone.preprocess, { ...PREPROCESS, size: [16, 16] });
});

test("an .onnx file that takes no photos is refused with what it takes", async () => {
	const onnx = join(ONNX, "half.onnx");
	await assert.rejects(
		openBackbone(model({ onnx, preprocess: PREPROCESS }), 0),
		(error: RunError) => {
			assert.equal(error.code, "onnx-unsupported");
			assert.match(error.message, /"x" \[n, 4\]/);
			return true;
		},
	);
});

test("the batch of a network exported for one photo is made free", async () => {
	const onnx = join(ONNX, "tiny22.onnx");
	const { graph, loadWeights } = await openBackbone(
		model({ onnx, preprocess: PREPROCESS }),
		0,
	);
	assert.deepEqual(graph.inputs[0]?.shape, ["n", 3, 16, 16]);
	const session = await createSession(graph, await loadWeights(), {
		outputs: ["scores"],
		intraOpThreads: 1,
	});
	const photos = Float32Array.from({ length: 2 * 768 }, (_, i) => Math.sin(i));
	const both = (await session.run(photos, [2, 3, 16, 16])).get("scores");
	const second = (await session.run(photos.slice(768), [1, 3, 16, 16])).get(
		"scores",
	);
	await session.close();
	assert.deepEqual(both?.data.slice(5), second?.data);
});
