import type { CodeEntry } from "./entry.ts";

/** Errors of train.phases. */
export const phaseCodes: Readonly<Record<string, CodeEntry>> = {
	"epochs-and-phases": {
		title: "train.epochs and the epochs of the phases differ.",
		explanation:
			"Each phase says its own epochs; train.epochs is their sum and can be left out.",
		wrong: "train: { epochs: 10, phases: [{ epochs: 5 }, { epochs: 3 }] }",
		right: "train: { phases: [{ epochs: 5 }, { epochs: 3 }] }",
	},
	"phase-name-twice": {
		title: "Two phases have one name.",
		explanation:
			"Journals, plans and reports tell phases by their names. Without a name a phase is called phase 1, phase 2 and so on.",
		wrong:
			"train: { phases: [{ name: probe, epochs: 5 }, { name: probe, epochs: 3 }] }",
		right:
			"train: { phases: [{ name: probe, epochs: 5 }, { name: tune, epochs: 3 }] }",
	},
	"head-keep-features": {
		title: "The network keeps its own classifier, yet features are named.",
		explanation:
			"features says where a new head attaches. head: keep leaves the network as it is, to its end.",
		wrong: "model: { backbone: resnet18, head: keep, features: layer3 }",
		right: "model: { backbone: resnet18, head: keep }",
	},
};
