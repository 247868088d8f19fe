import type { CodeEntry } from "./entry.ts";

/** What is wrong with photos, manifests and splits. */
export const dataCodes: Readonly<Record<string, CodeEntry>> = {
	"no-such-folder": {
		title: "There is no folder at data.root.",
		explanation:
			"The path is relative to the file that says it. check and plan go on without photos; run needs them.",
		wrong: "data: { root: tuxpaint-photos }",
		right: "data: { root: data/tuxpaint-photos }",
	},
	"not-a-folder": {
		title: "data.root is a file.",
		explanation:
			"root is the folder of the photos. A CSV file goes into data.manifest.",
		wrong: "data: { root: labels.csv }",
		right: "data: { manifest: labels.csv }",
	},
	"folder-unreadable": {
		title: "A folder of photos cannot be read.",
		explanation: "Mostly its permissions do not allow it.",
	},
	"no-photos": {
		title: "No photo was found.",
		explanation:
			"Photos are JPEG, PNG, WebP, GIF, TIFF, BMP and PNM files, recognised by their ending in either case.",
	},
	"split-folder-missing": {
		title: "A split's folder is not there.",
		explanation:
			"Without split, root holds one folder per split, with one folder per class in it: train/cat/1.jpg, valid/cat/2.jpg. Name the folders with data.train and data.valid, or draw a split.",
		wrong: "data: { root: photos }   # holds train/ and val/",
		right: "data: { root: photos, valid: val }",
	},
	"split-of-splits": {
		title: "A split is drawn, but the folder is split already.",
		explanation:
			"With data.split, the folders under root are classes. Here they are named train, valid or test.",
		wrong:
			"data: { root: photos, split: { valid: 0.2 } }   # holds train/ and valid/",
		right: "data: { root: photos }",
	},
	"empty-class": {
		title: "A class has no photo.",
		explanation:
			"Its folder is empty, or all its photos were left out as corrupt. Remove the folder if the class is not meant.",
	},
	"init-no-labels": {
		title: "graft init found photos, and nothing that says their classes.",
		explanation:
			"A class is a folder of photos, or a word in the column label of a CSV file that lies beside the photos, with their paths in the column path.",
		wrong: "photos/1.jpg photos/2.jpg",
		right: "photos/cat/1.jpg photos/dog/2.jpg",
	},
	"init-exists": {
		title: "graft init would overwrite a file.",
		explanation:
			"It may hold your work. -o FILE names another, --force overwrites.",
		wrong: "graft init photos -o mine.yaml",
		right: "graft init photos -o new.yaml",
	},
	"one-class-only": {
		title: "There is one class only.",
		explanation: "A classifier tells at least two classes apart.",
	},
	"class-missing-in-split": {
		title: "A class of the train split has no photo in another split.",
		explanation:
			"Accuracy would say nothing about it. Add photos of it, or remove the class.",
	},
	"class-unknown-in-split": {
		title: "A class of another split has no photo in the train split.",
		explanation:
			"A class that is never trained on cannot be told. Often the folder's name is spelt in two ways.",
	},
	"hidden-left-out": {
		title: "Hidden files were left out.",
		explanation:
			"Files and folders whose names begin with a dot are no photos.",
	},
	"photo-unreadable": {
		title: "A photo's file cannot be read.",
		explanation: "Mostly its permissions do not allow it.",
	},
	"corrupt-photo": {
		title: "A photo cannot be decoded.",
		explanation:
			"It is empty, cut off, damaged or no photo. Repair or remove it, or leave such photos out with data.on_corrupt.",
		wrong: "data: { root: photos }",
		right: "data: { root: photos, on_corrupt: quarantine }",
	},
	"photo-changed": {
		title: "A photo's file changed while the run was reading it.",
		explanation: "Start the run again when nothing writes to the photos.",
	},
	"photo-too-large": {
		title: "What a transform makes of a photo does not fit into memory.",
		explanation:
			"Sizes of crops, borders and Resize are in pixels: 200000 x 200000 pixels are 120 GB.",
		wrong: "- CenterCrop: 200000",
		right: "- CenterCrop: 224",
	},
	"photo-too-small": {
		title: "A photo is smaller than RandomCrop.",
		explanation: "Resize first, or write pad_if_needed: true.",
		wrong: "- RandomCrop: 224",
		right: "- Resize: 256\n- RandomCrop: 224",
	},
	"photo-too-thin": {
		title: "A photo is so thin that Resize with max_size would leave nothing.",
		explanation: "Leave the photo out, or raise max_size.",
	},
	"sizes-differ": {
		title: "Photos leave the transforms with different sizes.",
		explanation: "The network takes photos in batches of one size.",
		wrong: "transforms: [Resize: 224, ToTensor, Normalize]",
		right: "transforms: [Resize: 256, CenterCrop: 224, ToTensor, Normalize]",
	},
	"same-photo-two-labels": {
		title: "The same photo stands in two classes.",
		explanation: "The bytes are equal. One of the labels is wrong.",
	},
	"same-photo-two-splits": {
		title: "The same photo stands in two splits.",
		explanation:
			"The bytes are equal, so accuracy is measured on a photo that was trained on.",
	},
	"no-manifest": {
		title: "The manifest is not there or cannot be read.",
		explanation:
			"data.manifest is a CSV file, relative to the file that says it.",
	},
	"bad-csv": {
		title: "The manifest is not CSV.",
		explanation:
			"Fields are separated by commas; a field with a comma, a quote or a line end in it stands in double quotes, and a quote in it is doubled.",
	},
	"bad-row": {
		title: "A row of the manifest has too many or too few fields.",
		explanation: "Each row has as many fields as the first line has names.",
	},
	"missing-column": {
		title: "The manifest lacks a column.",
		explanation:
			"It needs path and label, and split unless a split is drawn, by the names in its first line.",
		right: "path,label,split\ncat/1.jpg,cat,train",
	},
	"double-column": {
		title: "The manifest has a column twice.",
		explanation: "Only one of the two could count.",
	},
	"duplicate-path": {
		title: "The manifest names a photo twice.",
		explanation: "Each photo has one row.",
	},
	"bad-target": {
		title: "A class column of the manifest holds something else than 0 or 1.",
		explanation:
			"With data.multi_label.columns each class is a column: 1 where the photo has it, 0 where it has not. columns: all takes every column but path, split, label and the groups'.",
		wrong: "path,cat,dog,split\n1.jpg,yes,0,train",
		right: "path,cat,dog,split\n1.jpg,1,0,train",
	},
	"no-classes": {
		title: "No photo of the manifest has a class.",
		explanation:
			"With data.multi_label a photo may have none, but some must have one, or nothing is there to learn.",
		wrong: "path,label,split\n1.jpg,,train",
		right: "path,label,split\n1.jpg,cat|dog,train",
	},
	"class-not-measured": {
		title: "No photo of a split has some class.",
		explanation:
			"Of multi-label data a warning: the average precision of a class is undefined where no photo has it, and the mean over the classes leaves it out.",
	},
	"empty-label": {
		title: "A row of the manifest has no label.",
		explanation: "Each photo belongs to a class.",
	},
	"missing-photo": {
		title: "The manifest names a photo that is not there.",
		explanation:
			"Paths are relative to data.root, or else to the manifest's folder.",
	},
	"unknown-split": {
		title: "The manifest has a split that the experiment does not name.",
		explanation:
			"Its split column holds what data.train, data.valid and data.test say.",
		wrong: "data: { manifest: labels.csv }   # split column: train, val",
		right: "data: { manifest: labels.csv, valid: val }",
	},
	"bad-pattern": {
		title:
			"group_by is neither a column of the manifest nor a regular expression.",
		explanation: "graft help group_by says how it is written.",
	},
	"group-unmatched": {
		title: "group_by does not match a photo's path.",
		explanation: "Every photo belongs to a group, so the pattern matches all.",
	},
	"group-torn": {
		title: "The kept split has photos of one group in two splits.",
		explanation:
			"It was drawn without groups or edited by hand. Delete the file to draw it anew.",
	},
	"bad-split-file": {
		title: "The file that keeps the drawn split cannot be understood.",
		explanation: "Repair it, or delete it to draw the split anew.",
	},
	"split-file-differs": {
		title: "The kept split was drawn with other options.",
		explanation:
			"A kept split is used as it is, so the new option would do nothing. Delete the file to draw anew, or name another in data.split.file.",
	},
	"split-not-kept": {
		title: "The drawn split cannot be written.",
		explanation: "Set data.split.file to a place that can be written.",
	},
};
