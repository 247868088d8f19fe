import assert from "node:assert/strict";
import test from "node:test";
import { openTfjs } from "../../../src/engine/backend.ts";
import {
	alone,
	CLASSES,
	difference,
	memberOf,
	rows,
	together,
} from "./support.ts";

/** Losses, sampling and mixing in a stack: each head is what it is alone. */

const near = (backend: string) => (backend === "wasm" ? 1e-5 : 1e-3);
const mixup = { alpha: 0.4, prob: 0.7, space: "features" } as const;

const single = [
	memberOf("bce", {
		options: {
			loss: { bce: { label_smoothing: 0.1, pos_weight: "balanced" } },
			learning_rate: 1,
		},
	}),
	memberOf("focal", {
		options: { loss: { focal: { gamma: 2, class_weights: "balanced" } } },
	}),
	memberOf("hinge", { options: { loss: { hinge: { p: 2, margin: 1 } } } }),
	memberOf("class_balanced", { options: { sampling: "class_balanced" } }),
	memberOf("mixup", { options: { mixup } }),
	memberOf("mixup with another seed", { options: { mixup }, seed: 4 }),
	memberOf("plain", {}),
];

test("bce, focal, hinge, class_balanced and mixup train in a stack as they do alone, whoever is beside them", async () => {
	const { name: backend } = await openTfjs();
	const stack = await together(single);
	for (const member of single) {
		const actual = stack.get(member.id);
		assert.ok(actual?.end, member.id);
		const off = difference(actual, await alone(member));
		assert.ok(off < near(backend), `${member.id}: ${off}`);
	}
	const loss = (id: string) => stack.get(id)?.epochs.at(-1)?.trainLoss;
	assert.notEqual(loss("mixup"), loss("plain"));
	assert.notEqual(loss("class_balanced"), loss("plain"));
	assert.notEqual(loss("mixup"), loss("mixup with another seed"));
});

test("photos of several labels train in a stack as they do alone, and are learnt", async () => {
	const { name: backend } = await openTfjs();
	// Each photo has its own class, and class 0 is there with every other one.
	const several = (given: typeof rows.train) => ({
		...given,
		labels: given.labels.map(() => -1),
		targets: Float32Array.from(
			{ length: given.labels.length * CLASSES },
			(_, index) => {
				const [row, column] = [Math.floor(index / CLASSES), index % CLASSES];
				const label = given.labels[row];
				return label === column || (column === 0 && label % 2 === 1) ? 1 : 0;
			},
		),
	});
	const both = { train: several(rows.train), valid: several(rows.valid) };
	const members = [
		memberOf("bce", {
			options: {
				loss: { bce: { label_smoothing: 0, pos_weight: "balanced" } },
				learning_rate: 1,
				epochs: 12,
			},
		}),
		memberOf("focal, mixed", {
			options: { loss: { focal: { gamma: 1, alpha: 0.5 } }, mixup },
			hidden: [9],
		}),
	];
	const stack = await together(members, both);
	for (const member of members) {
		const actual = stack.get(member.id);
		assert.ok(actual?.end, member.id);
		const off = difference(actual, await alone(member, both));
		assert.ok(off < near(backend), `${member.id}: ${off}`);
	}
	const [first, last] = [
		stack.get("bce")?.epochs[0],
		stack.get("bce")?.epochs.at(-1),
	];
	assert.ok((last?.validAccuracy ?? 0) > 0.8, `${last?.validAccuracy}`);
	assert.ok((last?.validLoss ?? 9) < (first?.validLoss ?? 0));
});
