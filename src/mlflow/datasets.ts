import { basename } from "node:path";
import { sha256 } from "../fingerprint.ts";
import { photosIn } from "../runs/labels.ts";
import type { RunRecord } from "../runs/types.ts";
import type { DatasetInput } from "./types.ts";

/** MLflow's limit. */
const DIGEST = 36;

/** The photos a run used, one data set a split; none until the run has listed them. */
export function datasetsOf(record: RunRecord): DatasetInput[] {
	const { data, environment } = record;
	if (data === undefined || environment === undefined) return [];
	return Object.entries(data.counts).map(([split, counts]) => ({
		name: `${basename(data.root)}/${split}`,
		digest: sha256(
			Buffer.from(`${environment.dataFingerprint} ${split}`),
		).slice(0, DIGEST),
		context: split,
		source: JSON.stringify({ uri: data.root }),
		schema: JSON.stringify({
			mlflow_colspec: [
				{ type: "binary", name: "photo", required: true },
				{ type: "string", name: "label", required: true },
			],
		}),
		profile: JSON.stringify({
			num_rows: photosIn(data, split),
			photos_per_class: Object.fromEntries(
				data.classNames.map((name, index) => [name, counts[index] ?? 0]),
			),
			left_out: data.corrupt.length,
			fingerprint: environment.dataFingerprint,
		}),
	}));
}
