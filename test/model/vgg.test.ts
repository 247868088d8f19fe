import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { createSession } from "../../src/engine/ort.ts";
import { sizeOf } from "../../src/model/dtypes.ts";
import { inferShapes } from "../../src/model/shapes.ts";
import type { Tensor } from "../../src/model/types.ts";
import { matchWeights } from "../../src/model/weights/match.ts";
import { readSafetensors } from "../../src/model/weights/safetensors.ts";
import { zooEntry } from "../../src/model/zoo/zoo.ts";
import { needs } from "../support/needs.ts";
import { value } from "./formula.ts";

interface Golden {
	readonly state_dict: Readonly<
		Record<string, readonly (readonly [string, readonly number[]])[]>
	>;
	readonly features: readonly {
		readonly network: string;
		readonly size: readonly [number, number];
		readonly length: number;
		readonly norm: number;
		readonly every100: readonly number[];
	}[];
}

/** By torchvision: golden/make_vgg.py. */
const golden = JSON.parse(
	await readFile(join(import.meta.dirname, "golden/vgg.json"), "utf8"),
) as Golden;

function build(name: string, size: readonly [number, number]) {
	const entry = zooEntry(name);
	assert.ok(entry, name);
	return entry.build(size);
}

for (const [name, state] of Object.entries(golden.state_dict))
	test(`${name} has torchvision's parameters by name and shape`, () => {
		const graph = build(name, [224, 224]);
		const own = graph.initializers
			.filter(({ values }) => !values)
			.map(({ name, shape }) => [name, shape]);
		assert.deepEqual(own, state);
	});

for (const { network, size, length, norm, every100 } of golden.features)
	test(`${network} on ${size.join(" x ")} pixels gives torchvision's features`, async () => {
		const graph = build(network, size);
		const weights = new Map<string, Tensor>();
		golden.state_dict[network]?.forEach(([name, shape], number) => {
			if (name.startsWith("features"))
				weights.set(name, value(name, shape, number));
		});
		const session = await createSession(graph, weights, {
			outputs: ["flatten"],
			intraOpThreads: 2,
		});
		const dims = [1, 3, ...size];
		const input = Float32Array.from({ length: sizeOf(dims) }, (_, i) =>
			Math.sin(i),
		);
		const features = (await session.run(input, dims)).get("flatten")?.data;
		await session.close();
		assert.equal(features?.length, length);
		const largest = Math.max(...every100.map(Math.abs));
		every100.forEach((expected, index) => {
			const actual = features?.[100 * index] ?? NaN;
			assert.ok(Math.abs(actual - expected) < 1e-4 * largest);
		});
		const own = Math.hypot(...(features ?? []));
		assert.ok(Math.abs(own / norm - 1) < 1e-5);
	});

test("VGG16's layers have torchvision's names, dropout and shapes", () => {
	const graph = build("vgg16", [224, 224]);
	const tail = graph.nodes.slice(-10).map(({ layer, op }) => `${layer} ${op}`);
	assert.deepEqual(tail, [
		"features.30 MaxPool",
		"avgpool Identity",
		"flatten Flatten",
		"classifier.0 Gemm",
		"classifier.1 Relu",
		"classifier.2 Dropout",
		"classifier.3 Gemm",
		"classifier.4 Relu",
		"classifier.5 Dropout",
		"classifier.6 Gemm",
	]);
	const shapes = inferShapes(graph, new Map([["input", [1, 3, 224, 224]]]));
	assert.deepEqual(shapes.get("features.30"), [1, 512, 7, 7]);
	assert.deepEqual(shapes.get("classifier.6"), [1, 1000]);
});

const torch = needs("torch");

test("VGG16 on random torchvision weights gives torchvision's logits", {
	...(torch.missing && { skip: torch.missing }),
}, async () => {
	const folder = await mkdtemp(join(tmpdir(), "graft-vgg-"));
	try {
		const path = join(folder, "vgg16.safetensors");
		const logits = JSON.parse(
			execFileSync(torch.path, ["-c", TORCHVISION, path], { encoding: "utf8" }),
		) as number[];
		const graph = build("vgg16", [224, 224]);
		const { tensors } = await readSafetensors(path);
		const session = await createSession(
			graph,
			matchWeights(graph, tensors, path),
			{ outputs: ["classifier.6"], intraOpThreads: 2 },
		);
		const input = Float32Array.from({ length: 3 * 224 * 224 }, (_, i) =>
			Math.sin(i),
		);
		const own = (await session.run(input, [1, 3, 224, 224])).get(
			"classifier.6",
		);
		await session.close();
		const largest = Math.max(...logits.map(Math.abs));
		logits.forEach((expected, index) => {
			const difference = Math.abs((own?.data[index] ?? NaN) - expected);
			assert.ok(difference < 1e-4 * largest, `logit ${index}`);
		});
	} finally {
		await rm(folder, { recursive: true });
	}
});

/** Writes a state_dict by hand, for the safetensors package may be missing. */
const TORCHVISION = `
import json, struct, sys, torch, torchvision
torch.manual_seed(0)
model = torchvision.models.vgg16(weights=None, init_weights=False).eval()
header, end = {}, 0
for name, tensor in model.state_dict().items():
    size = tensor.numel() * 4
    header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [end, end + size]}
    end += size
text = json.dumps(header).encode()
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text)
    for tensor in model.state_dict().values():
        file.write(tensor.numpy().tobytes())
x = torch.sin(torch.arange(3 * 224 * 224, dtype=torch.float64)).float().reshape(1, 3, 224, 224)
with torch.no_grad():
    print(json.dumps(model(x)[0].tolist()))
`;
