import type { CodeEntry } from "./entry.ts";

/** Errors of a `sweep` section. */
export const sweepCodes: Readonly<Record<string, CodeEntry>> = {
	"axis-key": {
		title: "This key cannot be swept.",
		explanation:
			"The keys of an axis are those of the experiment, with dots between their names, as --set takes them: train.learning_rate, transforms, model.freeze. What changes no result (name, description, tracking) is the same for all trials.",
		wrong: "sweep: { grid: { name: [a, b] } }",
		right: "sweep: { grid: { train.learning_rate: [0.1, 0.01] } }",
	},
	"axis-empty": {
		title: "A section of the sweep names no key.",
		explanation:
			"A grid, a zip, a point of a list, a space, a match and an exclusion each need at least one.",
		wrong: "sweep: { grid: {} }",
		right: "sweep: { grid: { train.learning_rate: [0.1, 0.01] } }",
	},
	"axis-twice": {
		title: "A key is swept in two places at once.",
		explanation:
			"Sections multiply, so one trial would have two values of the key. Values that belong to some trials alone stand under when.",
		wrong:
			"sweep: { grid: { train.epochs: [5, 10] }, list: [{ train.epochs: 20 }] }",
		right: "sweep: { grid: { train.epochs: [5, 10, 20] } }",
	},
	"axis-lengths": {
		title: "The lists of a zip have different lengths.",
		explanation:
			"The first values of all lists are one point, the second ones the next; a grid combines each with each.",
		wrong: "zip: { train.learning_rate: [0.1, 0.01], train.epochs: [10] }",
		right: "zip: { train.learning_rate: [0.1, 0.01], train.epochs: [10, 20] }",
	},
	"axis-bounds": {
		title: "Between these two bounds nothing can be drawn.",
		explanation:
			"The first is below the second, and on a logarithmic scale both are above 0.",
		wrong: "train.learning_rate: { log_uniform: [0, 1] }",
		right: "train.learning_rate: { log_uniform: [0.0001, 1] }",
	},
	"axis-names": {
		title: "Two values of one axis have the same name.",
		explanation: "Tables and plots tell trials apart by these names.",
		wrong: "[{ name: a, value: 224 }, { name: a, value: 192 }]",
		right: "[{ name: large, value: 224 }, { name: small, value: 192 }]",
	},
	"axis-conflict": {
		title: "Two swept keys of one trial contradict each other.",
		explanation:
			"An option of sgd in a trial whose optimizer is adam would turn it into sgd without a word. Options that some trials alone have stand under when.",
		wrong:
			"grid: { train.optimizer: [sgd, adam], train.optimizer.sgd.momentum: [0, 0.9] }",
		right:
			"grid: { train.optimizer: [sgd, adam] }\nwhen: [{ match: { train.optimizer: sgd }, grid: { train.optimizer.sgd.momentum: [0, 0.9] } }]",
	},
	"axis-match": {
		title: "No trial is meant by this.",
		explanation:
			"when and exclude name swept keys and values that these keys have in the sweep.",
		wrong:
			"grid: { train.optimizer: [sgd] }\nwhen: [{ match: { train.loss: nll }, grid: { train.epochs: [5, 10] } }]",
		right:
			"grid: { train.loss: [cross_entropy, nll] }\nwhen: [{ match: { train.loss: nll }, grid: { train.epochs: [5, 10] } }]",
	},
	"tpe-alone": {
		title: "tpe multiplies with seeds alone.",
		explanation:
			"Its next points come from the results of those before, so what other sections vary belongs into its space, where it is searched too.",
		wrong:
			"sweep: { grid: { train.optimizer: [sgd, adam] }, tpe: { trials: 40, space: { train.learning_rate: { log_uniform: [0.0001, 1] } } } }",
		right:
			"sweep: { tpe: { trials: 40, space: { train.optimizer: { choice: [sgd, adam] }, train.learning_rate: { log_uniform: [0.0001, 1] } } } }",
	},
	"tpe-launcher": {
		title:
			"tpe asks for points in rounds, which a submitted sweep has none of.",
		explanation:
			"On Slurm all trials are known when they are submitted, and the command returns. tpe runs on one machine with all its GPUs; random, sobol and halton run on both.",
		wrong:
			"sweep: { tpe: { trials: 40, space: … }, launcher: { slurm: { partition: gpu } } }",
		right:
			"sweep: { sobol: { trials: 64, space: … }, launcher: { slurm: { partition: gpu } } }",
	},
	"too-many-trials": {
		title: "The sweep has more trials than can be kept track of.",
		explanation:
			"Sections multiply. Points drawn at random or from a Sobol sequence cover a large space with few trials.",
	},
	"no-trials": {
		title: "The sweep leaves no trial to run.",
		explanation: "Every combination is excluded.",
	},
	"same-trials": {
		title: "Some trials are the same experiment.",
		explanation:
			"Their results would be the same to the last digit, so each experiment is run once.",
	},
};
