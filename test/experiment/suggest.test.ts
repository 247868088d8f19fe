import assert from "node:assert/strict";
import test from "node:test";
import { editDistance, nearest } from "../../src/experiment/suggest.ts";

const train = ["loss", "optimizer", "learning_rate", "epochs", "batch_size"];
const layers = [
	"features.0",
	"features.2",
	"classifier.0",
	"classifier.6",
	"avgpool",
];

test("a name is found by spelling, synonym, beginning or fewest slips", () => {
	const cases: readonly (readonly [string, string | undefined])[] = [
		["learningRate", "learning_rate"],
		["LEARNING-RATE", "learning_rate"],
		["learning rate", "learning_rate"],
		["lr", "learning_rate"],
		["bs", "batch_size"],
		["batchsize", "batch_size"],
		["batch", "batch_size"],
		["optim", "optimizer"],
		["criterion", "loss"],
		["learing_rate", "learning_rate"],
		["lerning_rat", "learning_rate"],
		["epcohs", "epochs"],
		["epoch", "epochs"],
		["losss", "loss"],
		["learn", "learning_rate"],
		["weights", undefined],
		["", undefined],
		["x", undefined],
		["constructor", undefined],
		["toString", undefined],
	];
	for (const [word, name] of cases)
		assert.equal(nearest(word, train), name, word);
});

test("names of layers are found too", () => {
	assert.equal(nearest("clasifier.6", layers), "classifier.6");
	assert.equal(nearest("feature.2", layers), "features.2");
	assert.equal(nearest("AvgPool", layers), "avgpool");
	assert.equal(nearest("transformer", layers), undefined);
});

test("two letters swapped are one slip, and the likelier of two names", () => {
	assert.equal(editDistance("momentum", "mometnum"), 1);
	assert.equal(editDistance("ab", ""), 2);
	assert.equal(editDistance("ca", "abc"), 3);
	assert.equal(nearest("vgg61", ["vgg11", "vgg13", "vgg16", "vgg19"]), "vgg16");
});

test("letters are Unicode, and no candidates give no name", () => {
	assert.equal(nearest("猫和狗", ["猫狗", "鸟"]), "猫狗");
	assert.equal(nearest("seed", []), undefined);
});
