import type { CodeEntry } from "./entry.ts";

/** Strategies, and features by depth. */
export const strategyCodes: Readonly<Record<string, CodeEntry>> = {
	"strategy-contradicted": {
		title: "The file contradicts its strategy.",
		explanation:
			"A strategy is a name for what it does: a linear probe learns nothing but its head, retrain starts from random weights. What the file says goes before what the strategy gives, but not so far that the name is no longer true.",
		wrong: "strategy: linear_probe\nmodel: { freeze: none }",
		right: "strategy: fine_tune",
	},
	"strategy-auto-sweep": {
		title: "A sweep cannot be decided by auto.",
		explanation:
			"auto measures one experiment before it runs, and sets what fits its photos. A sweep compares what you name.",
		wrong: "sweep: { grid: { strategy: [auto, retrain] } }",
		right: "sweep: { grid: { strategy: [linear_probe, retrain] } }",
	},
	"features-depth": {
		title: "No place of the network is near to a depth.",
		explanation:
			"A head attaches where all that follows depends on one tensor, a vector, tokens or a map. depth is a share of the multiply-adds up to the network's own features; the nearest such place is taken, and it is said where that is far.",
		wrong: "features: { depth: 0.05 }",
		right: "features: layer1",
	},
};
