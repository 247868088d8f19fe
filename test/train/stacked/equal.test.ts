import assert from "node:assert/strict";
import test from "node:test";
import { openTfjs } from "../../../src/engine/backend.ts";
import { random } from "../../../src/random.ts";
import {
	alone,
	difference,
	memberOf,
	narrow,
	rows,
	together,
	type Wish,
} from "./support.ts";

/** Heads as a sweep makes them: what may differ within a stack, each by itself and together. */
const WISHES: Readonly<Record<string, Wish>> = {
	"plain sgd": {},
	"another learning rate": { options: { learning_rate: 0.003 } },
	momentum: {
		options: {
			optimizer: {
				sgd: {
					momentum: 0.9,
					dampening: 0.1,
					nesterov: false,
					weight_decay: 1e-3,
				},
			},
			learning_rate: 0.01,
		},
	},
	nesterov: {
		options: {
			optimizer: {
				sgd: { momentum: 0.8, dampening: 0, nesterov: true, weight_decay: 0 },
			},
		},
	},
	adam: {
		options: {
			optimizer: {
				adam: { betas: [0.9, 0.999], eps: 1e-8, weight_decay: 1e-2 },
			},
			learning_rate: 0.01,
		},
	},
	"adam with other betas": {
		options: {
			optimizer: { adam: { betas: [0.5, 0.9], eps: 1e-3, weight_decay: 0 } },
		},
	},
	adamw: {
		options: {
			optimizer: {
				adamw: { betas: [0.9, 0.99], eps: 1e-8, weight_decay: 0.1 },
			},
			learning_rate: 0.01,
		},
	},
	rmsprop: {
		options: {
			optimizer: {
				rmsprop: {
					alpha: 0.9,
					eps: 1e-6,
					momentum: 0,
					centered: false,
					weight_decay: 0.01,
				},
			},
			learning_rate: 0.001,
		},
	},
	"rmsprop, centered, with momentum": {
		options: {
			optimizer: {
				rmsprop: {
					alpha: 0.99,
					eps: 1e-4,
					momentum: 0.9,
					centered: true,
					weight_decay: 0,
				},
			},
			learning_rate: 0.001,
		},
	},
	adagrad: {
		options: {
			optimizer: {
				adagrad: {
					lr_decay: 0.01,
					initial_accumulator_value: 0.1,
					eps: 1e-10,
					weight_decay: 1e-3,
				},
			},
		},
	},
	"biases that keep out of weight decay": {
		options: {
			optimizer: {
				adamw: { betas: [0.9, 0.99], eps: 1e-8, weight_decay: 0.3 },
			},
			learning_rate: 0.01,
			no_weight_decay: ["bias"],
		},
	},
	"an mlp whose layers have rates and decays of their own": {
		hidden: [9],
		options: {
			optimizer: {
				sgd: {
					momentum: 0.9,
					dampening: 0,
					nesterov: false,
					weight_decay: 1e-3,
				},
			},
			learning_rate: 0.01,
			parameter_groups: [
				{ layers: ["head.0"], learning_rate: 0.03, weight_decay: 0.01 },
			],
			layer_decay: 0.5,
		},
	},
	"another seed": { seed: 7 },
	"more epochs": { options: { epochs: 9 } },
	"fewer epochs": { options: { epochs: 2 } },
	"batches that do not divide": { options: { batch_size: 33 } },
	"one batch an epoch": { options: { batch_size: 500 } },
	"batches of one": { options: { batch_size: 1, epochs: 2 }, seed: 3 },
	"label smoothing": {
		options: { loss: { cross_entropy: { label_smoothing: 0.2 } } },
	},
	"class weights": {
		options: {
			loss: {
				cross_entropy: {
					label_smoothing: 0.1,
					class_weights: [1, 0.5, 2, 1, 3],
				},
			},
		},
	},
	"balanced classes": {
		options: {
			loss: {
				cross_entropy: { label_smoothing: 0, class_weights: "balanced" },
			},
		},
	},
	"weights by class name": {
		options: { loss: { nll: { class_weights: { bird: 3 } } } },
		logSoftmax: true,
	},
	"log softmax and nll": { options: { loss: { nll: {} } }, logSoftmax: true },
	cosine: {
		options: {
			schedule: {
				cosine: { warmup_epochs: 1, warmup_start_factor: 0.1, eta_min: 0 },
			},
		},
	},
	"one cycle": {
		options: {
			schedule: {
				one_cycle: {
					pct_start: 0.3,
					anneal_strategy: "cos",
					div_factor: 25,
					final_div_factor: 1e4,
				},
			},
		},
	},
	"reduce on plateau": {
		options: {
			learning_rate: 1,
			epochs: 12,
			schedule: {
				reduce_on_plateau: {
					warmup_epochs: 0,
					warmup_start_factor: 1,
					monitor: "valid/loss",
					mode: "auto",
					factor: 0.1,
					patience: 1,
					threshold: 1e-4,
					threshold_mode: "rel",
					cooldown: 0,
					min_lr: 0,
					eps: 1e-8,
				},
			},
		},
	},
	"clipped by norm": { options: { clip_grad_norm: 0.1, learning_rate: 1 } },
	"clipped by value": { options: { clip_grad_value: 0.01 } },
	"stopped early": {
		options: {
			epochs: 40,
			learning_rate: 1,
			early_stopping: {
				monitor: "valid/loss",
				patience: 2,
				min_delta: 0,
				mode: "auto",
				restore_best: true,
			},
		},
	},
	"without bias": { bias: false },
	"an mlp": { hidden: [24] },
	"an mlp of two hidden layers": {
		hidden: [17, 6],
		options: {
			optimizer: {
				adam: { betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0 },
			},
			learning_rate: 0.01,
		},
	},
	"an mlp with tanh": { hidden: [20], activation: "Tanh" },
	"an mlp with sigmoid": {
		hidden: [20],
		activation: "Sigmoid",
		options: {
			optimizer: {
				adam: { betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0 },
			},
			learning_rate: 0.01,
		},
	},
	"an mlp, clipped": { hidden: [33], options: { clip_grad_norm: 0.05 } },
};

const CLASS_NAMES = ["bird", "fish", "insect", "mammal", "reptile"];

/** Another backend adds up in another order, which optimizers that divide by a gradient's size make larger. */
const near = (backend: string) => (backend === "wasm" ? 1e-5 : 1e-3);

/** exp, log and tanh of tfjs's wasm backend and of JavaScript may differ in the last bit. */
const hasSameBytes = (wish: Wish) => !wish.logSoftmax && !wish.activation;

test("each head of a stack is what it is alone, in losses, curves, weights and predictions", async (context) => {
	const { name: backend } = await openTfjs();
	const names = Object.keys(WISHES);
	const members = names.map((name) => memberOf(name, WISHES[name] as Wish));
	const stack = await together(members, rows, { classNames: CLASS_NAMES });
	for (const member of members)
		await context.test(member.id, async () => {
			const actual = stack.get(member.id);
			assert.ok(actual?.end);
			const expected = await alone(member, rows, CLASS_NAMES);
			assert.ok(difference(actual, expected) < near(backend));
			assert.equal(actual.end.ended, expected.end?.ended);
			assert.deepEqual(
				[...actual.end.trained].map(([name, { shape }]) => [name, shape]),
				[...(expected.end?.trained ?? [])].map(([name, { shape }]) => [
					name,
					shape,
				]),
			);
			if (backend === "wasm" && hasSameBytes(WISHES[member.id] as Wish))
				assert.equal(difference(actual, expected), 0);
		});
});

test("so it is with a width that fills no vector", async () => {
	const members = ["momentum", "an mlp, clipped", "without bias"].map((name) =>
		memberOf(name, WISHES[name] as Wish, 43),
	);
	const { name: backend } = await openTfjs();
	const stack = await together(members, narrow);
	for (const member of members) {
		const expected = await alone(member, narrow);
		const actual = stack.get(member.id);
		assert.ok(actual && difference(actual, expected) < near(backend));
	}
});

test("law: whichever heads stand beside it, and in whichever order, a head has the same bytes", async () => {
	const names = Object.keys(WISHES);
	const make = (name: string) => memberOf(name, WISHES[name] as Wish);
	const all = await together(names.map(make), rows, {
		classNames: CLASS_NAMES,
	});
	const { permutation } = random(0, "law");
	for (let round = 0; round < 5; round++) {
		const drawn = [...permutation(names.length)]
			.slice(0, 1 + round * 3)
			.map((index) => names[index] as string);
		const some = await together(drawn.map(make), rows, {
			classNames: CLASS_NAMES,
		});
		for (const name of drawn) {
			const { end, epochs } = some.get(name) ?? {};
			const expected = all.get(name);
			assert.deepEqual(end, expected?.end);
			assert.deepEqual(
				epochs?.map((event) => ({ ...event, durationMs: 0 })),
				expected?.epochs.map((event) => ({ ...event, durationMs: 0 })),
			);
		}
	}
});
