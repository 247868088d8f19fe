import assert from "node:assert/strict";
import test from "node:test";
import { hasRandom, TRANSFORMS } from "../../../src/data/transforms.ts";
import { isRandom } from "../../../src/experiment/rules/transform-kinds.ts";
import type { Transform } from "../../../src/experiment/types.ts";

/** Parameters that decide whether anything is left to chance, with the answer. */
const CASES: Readonly<
	Record<string, readonly (readonly [Transform["params"], boolean])[]>
> = {
	RandomResizedCrop: [[{}, true]],
	RandomCrop: [[{}, true]],
	TrivialAugmentWide: [[{}, true]],
	RandAugment: [[{}, true]],
	RandomHorizontalFlip: [
		[{ p: 0 }, false],
		[{ p: 0.5 }, true],
		[{ p: 1 }, false],
	],
	RandomVerticalFlip: [
		[{ p: 0 }, false],
		[{ p: 0.5 }, true],
		[{ p: 1 }, false],
	],
	RandomErasing: [
		[{ p: 0 }, false],
		[{ p: 1 }, true],
	],
	RandomRotation: [
		[{ degrees: 0 }, false],
		[{ degrees: 10 }, true],
		[{ degrees: [5, 5] }, false],
		[{ degrees: [-5, 5] }, true],
	],
	ColorJitter: [
		[{ brightness: 0, contrast: 0, saturation: 0, hue: 0 }, false],
		[{ brightness: 0.2, contrast: 0, saturation: 0, hue: 0 }, true],
		[{ brightness: [1, 1], contrast: 0, saturation: 0, hue: [0, 0] }, false],
		[{ brightness: 0, contrast: 0, saturation: 0, hue: [0, 0.1] }, true],
		[{ brightness: 0, contrast: 0, saturation: [0.5, 1], hue: 0 }, true],
	],
	RandomApply: [
		[{ p: 0, transforms: [{ name: "RandomCrop", params: {} }] }, false],
		[{ p: 1, transforms: [{ name: "RandomCrop", params: {} }] }, true],
		[{ p: 1, transforms: [{ name: "Grayscale", params: {} }] }, false],
		[{ p: 0.5, transforms: [{ name: "Grayscale", params: {} }] }, true],
	],
};

test("the rules and the transforms agree on what is random", () => {
	for (const name of Object.keys(TRANSFORMS))
		for (const [params, expected] of CASES[name] ?? [[{}, false]]) {
			const transform = { name, params };
			const words = `${name} ${JSON.stringify(params)}`;
			assert.equal(hasRandom([transform]), expected, `${words}: transforms`);
			assert.equal(isRandom(transform), expected, `${words}: rules`);
		}
});
