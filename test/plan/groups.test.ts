import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { planInput } from "../../src/cli/plan-input.ts";
import type { TrainOptions } from "../../src/experiment/types.ts";
import { ARCHITECTURES } from "../../src/model/zoo/architectures.ts";
import { blocksOf } from "../../src/plan/blocks.ts";
import { groupLines } from "../../src/plan/group-lines.ts";
import { parameterGroups } from "../../src/plan/groups.ts";
import { parameterRoles } from "../../src/plan/parameter-roles.ts";
import { printPlan } from "../../src/plan/print.ts";
import { prepare } from "../../src/prepare.ts";
import { experimentIn, folderFor, tuxpaint } from "../support/graft.ts";
import { golden } from "../train/support.ts";

const graphOf = (name: string) => {
	const graph = ARCHITECTURES[name]?.build([224, 224]);
	assert.ok(graph);
	return graph;
};

/** timm's numbers of each layer id, by golden/make_groups.py. */
const layerIds = golden<Readonly<Record<string, number[]>>>("layer-decay");
for (const [ours, theirs] of [
	["resnet18", "resnet18"],
	["resnet50", "resnet50"],
	["vit_b_16", "vit_base_patch16_224"],
] as const)
	test(`the blocks of ${ours} are timm's layer ids`, () => {
		const graph = graphOf(ours);
		const sizes = new Map(
			graph.initializers.map(({ name, shape }) => [
				name,
				shape.reduce((a, b) => a * b, 1),
			]),
		);
		const numbers = blocksOf(graph, []).map(({ parameters }) =>
			parameters.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0),
		);
		assert.deepEqual(numbers, layerIds[theirs]);
	});

test("biases and normalizations are known by their operator, whatever their names", () => {
	const roles = parameterRoles(graphOf("resnet18"));
	assert.deepEqual(roles.get("conv1.weight"), { bias: false, norm: false });
	assert.deepEqual(roles.get("bn1.weight"), { bias: false, norm: true });
	assert.deepEqual(roles.get("bn1.bias"), { bias: true, norm: true });
	assert.deepEqual(roles.get("fc.bias"), { bias: true, norm: false });
	const vit = parameterRoles(graphOf("vit_b_16"));
	const free = [...vit].filter(([, { bias, norm }]) => bias || norm);
	const expected = /(bias|ln\.weight|ln_[12]\.weight)$/;
	assert.ok(free.every(([name]) => expected.test(name)));
	assert.equal(free.length, 12 * 8 + 4);
});

const ADAMW = {
	adamw: { betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.05 },
} as const;

test("a parameter's rate is its group's times the decay of its depth, and no_weight_decay wins over a group's decay", () => {
	const graph = graphOf("resnet18");
	const names = blocksOf(graph, []).flatMap(({ parameters }) => parameters);
	const trainable = names.filter((name) => /^(layer4|fc)/.test(name));
	const groupsOf = (train: Partial<TrainOptions>) =>
		parameterGroups(
			{ graph, trainable, added: ["fc.weight", "fc.bias"] },
			{ learning_rate: 0.01, optimizer: ADAMW, ...train },
		);
	assert.equal(groupsOf({}), undefined);
	const rateOf = (train: Partial<TrainOptions>, name: string) => {
		const group = groupsOf(train)?.find(({ parameters }) =>
			parameters.includes(name),
		);
		assert.ok(group);
		return [group.learningRate, group.lrScale, group.weightDecay];
	};
	const decayed = { layer_decay: 0.5 };
	assert.deepEqual(rateOf(decayed, "fc.weight"), [0.01, 1, 0.05]);
	assert.deepEqual(rateOf(decayed, "layer4.1.conv2.weight"), [0.01, 0.5, 0.05]);
	assert.deepEqual(
		rateOf(decayed, "layer4.0.downsample.0.weight"),
		[0.01, 0.25, 0.05],
	);
	const all: Partial<TrainOptions> = {
		layer_decay: 0.5,
		no_weight_decay: ["norm"],
		parameter_groups: [
			{ layers: ["layer4.*"], learning_rate: 0.002, weight_decay: 0.1 },
			{ layers: ["fc"], lr_scale: 3 },
		],
	};
	assert.deepEqual(rateOf(all, "layer4.1.conv1.weight"), [0.002, 0.5, 0.1]);
	assert.deepEqual(rateOf(all, "layer4.1.bn1.weight"), [0.002, 0.5, 0]);
	assert.deepEqual(rateOf(all, "fc.bias"), [0.01, 3, 0.05]);
	const every = groupsOf(all)?.flatMap(({ parameters }) => parameters) ?? [];
	assert.deepEqual([...every].sort(), [...trainable].sort());
	const lines = groupLines(groupsOf(all) ?? [], { graph }, false);
	assert.deepEqual(lines, [
		"groups      layers                tensors    numbers  learning rate  weight decay",
		"            layer4.0 in layer4.*        9  3,673,088         0.0005  0.1, 6 of them 0",
		"            layer4.1 in layer4.*        6  4,720,640          0.001  0.1, 4 of them 0",
		"            head in fc                  2    513,000           0.03  0.05",
	]);
});

async function problemsOf(context: TestContext, train: string) {
	const folder = folderFor(context);
	const file = experimentIn(
		folder,
		`data: { root: ${JSON.stringify(tuxpaint)} }
transforms: [Resize: { size: [64, 64] }, ToTensor, Normalize]
model: { backbone: resnet18, weights: none, head: linear, freeze: { until: layer3 } }
train:
${train}
`,
	);
	const prepared = await prepare(file, {
		...{ sets: [], cacheFolder: folder, hash: false, missing: "warning" },
	});
	const found = prepared.ok ? prepared.warnings : prepared.diagnostics;
	return found
		.filter(({ code }) => code !== "weights-missing")
		.map(({ severity, code, fix, suggestion, range }) => [
			severity,
			code,
			suggestion ?? fix?.split(",")[0],
			`${range?.line}:${range?.column}`,
		]);
}

test("groups of what is not there, of what is frozen, and of what another group has are said at their place", async (context) => {
	assert.deepEqual(
		await problemsOf(
			context,
			`  parameter_groups:
    - { layers: ["layr4.*"], lr_scale: 0.1 }
    - { layers: [layer1, layer4.0], lr_scale: 0.1 }
    - { layers: ["layer4.*"], lr_scale: 0.2 }`,
		),
		[
			["error", "unknown-layer", "layer4.*", "6:18"],
			["error", "group-learns-nothing", "take it out of model.freeze", "7:18"],
			[
				"error",
				"layer-in-two-groups",
				"name each layer in one group only",
				"8:18",
			],
		],
	);
});

test("what can have no effect here is said: decay of one block, nothing to keep out of, an average that hardly moves", async (context) => {
	assert.deepEqual(await problemsOf(context, "  layer_decay: 0.5"), []);
	const idle = await problemsOf(
		context,
		"  no_weight_decay: [bias]\n  ema: 0.9999",
	);
	assert.deepEqual(
		idle.map(([severity, code]) => [severity, code]),
		[
			["warning", "option-without-effect"],
			["warning", "ema-too-slow"],
		],
	);
});

test("a plan prints its groups, and phases their own", async (context) => {
	const folder = folderFor(context);
	const file = experimentIn(
		folder,
		`data: { root: ${JSON.stringify(tuxpaint)} }
transforms: [Resize: { size: [64, 64] }, ToTensor, Normalize]
model: { backbone: resnet18, weights: none, head: linear, freeze: all }
train:
  layer_decay: 0.5
  phases:
    - { name: probe, epochs: 1 }
    - { name: tune, epochs: 1, freeze: { until: layer4.0 } }
`,
	);
	const prepared = await prepare(file, {
		...{ sets: [], cacheFolder: folder, hash: false, missing: "warning" },
	});
	assert.ok(prepared.ok);
	const text = printPlan(planInput(file, prepared.value, folder, false));
	const [, probe = "", tune = ""] = text.split("── phase");
	assert.match(probe, /\n +head +2 +2,565 +0\.001 +0\n/);
	assert.doesNotMatch(probe, /layer4\.1 +6/);
	assert.match(tune, /\n +layer4\.1 +6 +4,720,640 +0\.0005 +0\n/);
});
