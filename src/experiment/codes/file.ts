import type { CodeEntry } from "./entry.ts";

/** Errors about the file as a text, and about `extends`. */
export const fileCodes: Readonly<Record<string, CodeEntry>> = {
	"no-such-file": {
		title: "There is no file at this path.",
		explanation:
			"Paths on the command line are relative to the folder you are in; paths after extends are relative to the file that says them. The nearest name in the folder is proposed.",
		wrong: "graft check experiments/rezise.yaml",
		right: "graft check experiments/resize.yaml",
	},
	"folder-instead-of-file": {
		title: "The path leads to a folder, not to an experiment file.",
		explanation: "Name the files one by one, or let the shell do it.",
		wrong: "graft check experiments",
		right: "graft check experiments/*.yaml",
	},
	"unreadable-file": {
		title: "The file is there, but cannot be read.",
		explanation:
			"Mostly its permissions do not allow it. The message holds what the system said.",
	},
	"file-too-large": {
		title: "The file is larger than 1 MB.",
		explanation:
			"An experiment file is a page of text. Photos, weights and manifests are named in it by their paths.",
	},
	"binary-file": {
		title: "The file is not text.",
		explanation:
			"It holds zero bytes, as photos, archives and weights do. Mostly the wrong path was given.",
	},
	"not-utf8": {
		title: "The file is text in another encoding than UTF-8.",
		explanation:
			"Experiment files are UTF-8, with or without a byte order mark, with either kind of line end. Save the file as UTF-8 in your editor.",
	},
	"empty-file": {
		title: "The file holds no value.",
		explanation: "An experiment needs at least data and model.",
		right: "data: { root: photos }\nmodel: { backbone: efficientnet_lite0 }",
	},
	"not-a-map": {
		title: "The file is a list or a single value.",
		explanation: "An experiment is a map: key: value, one key a line.",
		wrong: "- data: { root: photos }",
		right: "data: { root: photos }",
	},
	"duplicate-key": {
		title: "A key is written twice in one map.",
		explanation: "Only one of the two values could count, so neither does.",
		wrong: "train:\n  epochs: 10\n  epochs: 20",
		right: "train:\n  epochs: 20",
	},
	"yaml-tab": {
		title: "A line is indented with a tab.",
		explanation: "YAML allows spaces only. Two for each level are usual.",
	},
	"yaml-indent": {
		title: "A line stands under no key that it could belong to.",
		explanation:
			"Keys of one map begin in the same column, and so do the items of one list.",
		wrong: "train:\n  epochs: 10\n   batch_size: 32",
		right: "train:\n  epochs: 10\n  batch_size: 32",
	},
	"yaml-bracket": {
		title: "A list or map in brackets is never closed.",
		explanation:
			"Each [ has its ], each { its }, and a comma stands between the items.",
		wrong: "size: [224, 224",
		right: "size: [224, 224]",
	},
	"yaml-colon": {
		title: "A line has no colon, one without a space after it, or two.",
		explanation:
			"A line holds one key, a colon, a space and the value. A text with a colon and a space in it is quoted.",
		wrong: "seed:0",
		right: "seed: 0",
	},
	"yaml-quote": {
		title: "A quoted text is never closed, or has an unknown escape.",
		explanation:
			"In double quotes a backslash begins an escape; in single quotes it is a backslash.",
		wrong: 'group_by: "(\\w+)_[0-9]+"',
		right: "group_by: '(\\w+)_[0-9]+'",
	},
	"yaml-syntax": {
		title: "The text is not YAML.",
		explanation:
			"Look for a missing colon, comma, bracket or quote on the line that is shown, or on the one before.",
		wrong: "freeze: [a, b]]",
		right: "freeze: [a, b]",
	},
	"yaml-alias": {
		title: "An alias (*name) stands for nothing, or for what it is in.",
		explanation:
			"*name repeats what &name has named further up in the same file. A text that begins with * is quoted.",
		wrong: "freeze: [*.bn]",
		right: 'freeze: ["*.bn"]',
	},
	"yaml-merge": {
		title: "A merge key (<<) names something else than a map.",
		explanation:
			"<<: *name takes over the keys of the map that &name has named; what is written beside it wins.",
		wrong: "sgd: { <<: 0.9 }",
		right: "sgd: { <<: *usual, nesterov: true }",
	},
	"yaml-key": {
		title: "A key is empty or no word.",
		explanation: "Keys are names such as learning_rate.",
	},
	"yaml-tag": {
		title: "A value has a type tag that experiment files do not know.",
		explanation:
			"They hold plain texts, numbers, true, false, lists and maps. Files written by Python's yaml.dump may hold tags such as !!python/tuple: use yaml.safe_dump.",
		wrong: "size: !!python/tuple [224, 224]",
		right: "size: [224, 224]",
	},
	"yaml-documents": {
		title: "The file holds several YAML documents.",
		explanation:
			"A line of --- begins another document. Each experiment has a file of its own.",
	},
	"yaml-too-deep": {
		title: "The file is nested deeper than any experiment.",
		explanation: "Mostly the wrong path was given.",
	},
	"yaml-too-many": {
		title:
			"The file holds too many values, or aliases of aliases make it grow without end.",
		explanation:
			"Written out, it would hold more than 20000 values. Use extends to share keys between files.",
	},
	"extends-cycle": {
		title: "Files extend each other in a circle.",
		explanation:
			"The file at the end of the chain must extend nothing, or nothing that extends it.",
		wrong: "# a.yaml\nextends: b.yaml\n# b.yaml\nextends: a.yaml",
		right: "# a.yaml\nextends: base.yaml\n# b.yaml\nextends: base.yaml",
	},
	"bad-set": {
		title: "A --set cannot be understood.",
		explanation:
			"It is written path=value: the path dotted, names with dots in them in quotes or with backslashes, items of lists numbered from 0; the value as in YAML; the whole in quotes where the shell would change it.",
		wrong: "graft run FILE --set train.epochs",
		right: `graft run FILE --set train.epochs=5 --set 'model.replace."classifier.6".Linear.out_features=3'`,
	},
};
