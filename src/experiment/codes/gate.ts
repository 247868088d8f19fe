import type { CodeEntry } from "./entry.ts";

/** Errors about the accuracy gate and the test split. */
export const gateCodes: Readonly<Record<string, CodeEntry>> = {
	"bad-baseline": {
		title: "The baseline file cannot be read.",
		explanation:
			"A baseline is JSON that graft gate --update writes and git keeps. A merge conflict in it, or an edit by hand, can break it. Take one side of the conflict, or write it anew with a reason.",
		right: 'graft gate FILE --update --reason "new photos of dogs"',
	},
	"other-baseline": {
		title: "The baseline is that of an experiment of another name.",
		explanation:
			"A warning: the comparison is made all the same, photo by photo. Right where the experiment was renamed, or is meant to be held against another.",
	},
	"sweep-left-out": {
		title: "The file has a sweep, and the verb looks at one experiment.",
		explanation:
			"A warning: graft gate, crossval and data check take what the file says outside of its sweep. graft sweep best SWEEP -o FILE writes the file of the best trial.",
	},
	"step-summary": {
		title: "GitHub's step summary could not be written.",
		explanation:
			"A warning: GITHUB_STEP_SUMMARY names a file that cannot be appended to. The verdict and the exit code stay what they are.",
	},
	"baseline-not-readable": {
		title: "The place of the baseline cannot be read.",
		explanation:
			"gate.baseline names a file, relative to the experiment; here it is a folder, or the system refuses it.",
		wrong: "gate: { baseline: baselines }",
		right: "gate: { baseline: baselines/resize.json }",
	},
	"baseline-not-writable": {
		title: "The baseline cannot be written.",
		explanation:
			"graft gate --update writes it beside the experiment, or where gate.baseline says. Make that folder writable, or name another file.",
	},
	"no-baseline": {
		title: "There is no baseline to compare with.",
		explanation:
			"The gate compares today's results with those of a baseline file that is kept in git. Write it once where the accuracy is known to be right, look at it, and commit it.",
		wrong: "graft gate FILE",
		right: 'graft gate FILE --update --reason "first baseline"',
	},
	"gate-run": {
		title: "A run cannot be gated so.",
		explanation:
			"The gate needs the predictions of a run that finished, as it is: --update and --set need new runs. graft gate FILE makes such runs itself.",
	},
	"run-is-sweep": {
		title: "A sweep is named where one run is meant.",
		explanation:
			"graft gate RUN and graft finalize RUN look at one trained network. Name one of the sweep's trials: graft sweep status lists them, best first.",
	},
	"run-not-finished": {
		title: "The run did not finish, so there is no trained network.",
		explanation:
			"A run that failed or was killed keeps its features in the cache: run the experiment again.",
	},
	"run-changed": {
		title: "A run cannot be put together again.",
		explanation:
			"Its photos, its weights file, or the versions of sharp and onnxruntime are others now than when it ran, so its features would be others too. graft show RUN names what they were.",
	},
	"photo-unexplained": {
		title: "There is no heat map of a photo.",
		explanation:
			"Grad-CAM passes the photo through the network once more: it must be readable and have the bytes that the run saw.",
	},
	"no-heat-map": {
		title: "This network has no heat maps.",
		explanation:
			"Grad-CAM follows the gradient of a class back to the last map of the network that knows places. A head that compares photos with photos (knn, nearest_mean) has no gradient, and a map of 1 x 1 knows no places.",
		wrong: "transforms: [{ Resize: { size: [32, 32] } }, ToTensor, Normalize]",
		right:
			"transforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize]",
	},
	"no-test-split": {
		title: "The run has no test photos.",
		explanation:
			"The test split is held back from training and from choosing, and opened by graft finalize alone. Name it in the file before the run.",
		right: "data: { root: photos, split: { valid: 0.2, test: 0.1 } }",
	},
	"tta-needs-crop": {
		title: "Test-time crops without a crop.",
		explanation:
			"five_crop and ten_crop take the corners and the centre where CenterCrop would take the centre alone. hflip needs no crop.",
		wrong:
			"transforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize]\nevaluation: { tta: five_crop }",
		right:
			"transforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize]\nevaluation: { tta: hflip }",
	},
	"crossval-random": {
		title: "Cross-validation needs features that stay the same.",
		explanation:
			"It deals the photos out anew and trains on cached features. Random transforms in training draw other features each epoch.",
	},
	"too-many-folds": {
		title: "There are more folds than photos of the smallest class.",
		explanation:
			"Each fold must hold a photo of every class to be measured on.",
		wrong: "graft crossval FILE --folds 100",
		right: "graft crossval FILE --folds 5",
	},
	"looks-write": {
		title: "A look at the test photos could not be counted.",
		explanation:
			"Each look is counted in test-looks.jsonl in the runs folder before the number is shown. Free space there, or make the folder writable.",
	},
	"gate-reason": {
		title: "A baseline is replaced without a reason.",
		explanation:
			"Whoever lowers or raises the bar says why: the reason is kept in the file's history and is read in the pull request.",
		wrong: "graft gate FILE --update",
		right: 'graft gate FILE --update --reason "valid split was cleaned"',
	},
	"floor-direction": {
		title: "A floor is put under a metric that should be low.",
		explanation:
			"A floor is the least value that passes, which makes sense for accuracies. A loss is better when it is lower.",
		wrong: "floor: { valid/loss: 0.3 }",
		right: "floor: { valid/accuracy: 0.9 }",
	},
	"unknown-metric": {
		title: "A floor is put under a metric that runs do not have.",
		explanation:
			"Runs record valid/accuracy and other metrics of the valid photos; valid/accuracy_tta is there where evaluation.tta asks for it, valid/top_5_accuracy with more than five classes.",
		wrong: "floor: { accuracy: 0.9 }",
		right: "floor: { valid/accuracy: 0.9 }",
	},
	"unknown-class": {
		title: "A class is named that the photos do not have.",
		explanation:
			"Classes are the names of the folders in each split, or the labels of the manifest.",
		wrong: "class_floor: { cats: 0.8 }",
		right: "class_floor: { cat: 0.8 }",
	},
	"lr-classical": {
		title: "graft lr was given a head without epochs.",
		explanation:
			"logistic, svm, ridge, knn and nearest_mean heads are fitted at once; a learning rate belongs to linear and mlp heads, to replaced layers and to layers of the trunk that learn.",
	},
};
