import assert from "node:assert/strict";
import test from "node:test";
import { prepare } from "../../src/prepare.ts";
import { experimentIn, folderFor, tuxpaint } from "../support/graft.ts";

const file = (weights: string) => `data: { root: ${JSON.stringify(tuxpaint)} }
transforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0 }
train:
  loss:
    cross_entropy:
      class_weights: ${weights}
`;

test("class weights must be about the classes that the photos have", async (context) => {
	const folder = folderFor(context);
	const check = async (weights: string) => {
		const prepared = await prepare(experimentIn(folder, file(weights)), {
			sets: [],
			cacheFolder: folder,
			hash: false,
			missing: "warning",
		});
		return prepared.ok
			? []
			: prepared.diagnostics.map(({ code, message, fix, range }) => ({
					code,
					message,
					fix,
					at: `${range?.line}:${range?.column}`,
				}));
	};
	for (const right of [
		"balanced",
		"[1, 2, 3, 4, 5.5]",
		"{ bird: 2, vegetable: 0.5 }",
	])
		assert.deepEqual(await check(right), []);

	assert.deepEqual(await check("[1, 2]"), [
		{
			code: "class-weights",
			message: "class_weights has 2 numbers, but the photos have 5 classes",
			fix: "write one number per class in this order, or a map: { class: weight }",
			at: "7:22",
		},
	]);
	const unknown = await check("{ brid: 2, constructor: 1, fruit: 3 }");
	assert.deepEqual(
		unknown.map(({ message, fix }) => [message, fix]),
		[
			[
				'class_weights names "brid", which is no class of the photos',
				'did you mean "bird"?',
			],
			[
				'class_weights names "constructor", which is no class of the photos',
				"name one of the classes",
			],
		],
	);
	const faults = [
		"[1, 2, 3, 4, 0]",
		"[1, 2, 3, 4, -1]",
		"[]",
		"{}",
		"even",
		"{ bird: heavy }",
		"{ bird: .nan }",
		"1",
	];
	for (const wrong of faults) {
		const [first] = await check(wrong);
		assert.ok(first?.fix, wrong);
		assert.match(first.code, /^(bad-value|wrong-type|wrong-length)$/, wrong);
	}
});
