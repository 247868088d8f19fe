import type { Transform } from "../../experiment/types.ts";

/** What the web page of an export is told, by whoever exports and by the page to its script. Plain data. */
export interface WebPage {
	readonly title: string;
	/** In the order of the network's outputs. */
	readonly classNames: readonly string[];
	/** Of the evaluation; Normalize is inside the network and left out by the page. */
	readonly transforms: readonly Transform[];
	/** Whether photos are turned upright first, as the experiment did. */
	readonly exif: "apply" | "ignore";
	/** Of model.json and its shards together. */
	readonly modelBytes: number;
	/** Each class a yes or no of its own. Default: one class a photo. */
	readonly isMultiLabel?: boolean;
	/** Told at the foot of the page. */
	readonly runId?: string;
}

/** What stands in the page for its script. */
export interface WebSettings
	extends Pick<WebPage, "classNames" | "transforms" | "exif"> {
	readonly isMultiLabel: boolean;
	/** Whether the model stands in the page; else model.json lies beside it. */
	readonly isEmbedded: boolean;
}

/** Elements of the page that its script looks for. */
export const IDS = {
	settings: "settings",
	model: "model",
	drop: "drop",
	choose: "choose",
	files: "files",
	status: "status",
	results: "results",
	tools: "tools",
	save: "save",
	clear: "clear",
	machine: "machine",
	shards: "shard-",
} as const;
