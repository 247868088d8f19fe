import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pairText, plant, type Scores, scoresOf } from "../checks/plant.ts";
import { envFor, root, tuxpaint } from "../support/graft.ts";

/** How much of what is planted into the embedded photos `graft data check` finds, over several draws. */
export async function checks(): Promise<void> {
	const draws = 5;
	const totals = {
		copies: [] as Scores[],
		labels: [] as Scores[],
		broken: [] as Scores[],
	};
	for (let seed = 0; seed < draws; seed++) {
		const folder = mkdtempSync(join(tmpdir(), "graft-bench-"));
		try {
			const photos = join(folder, "photos");
			const counts = { duplicates: 18, mislabelled: 5, broken: 3 };
			const planted = await plant(tuxpaint, photos, counts, seed);
			const file = join(folder, "e.yaml");
			writeFileSync(
				file,
				`data: { root: ${JSON.stringify(photos)} }\nmodel: { backbone: efficientnet_lite0 }\ntransforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize]\n`,
			);
			const { stdout, stderr } = spawnSync(
				process.execPath,
				["src/graft.cjs", "data", "check", file, "--format", "json"],
				{ cwd: root, env: envFor(folder), encoding: "utf8" },
			);
			if (stdout === "") throw new Error(stderr);
			const found = JSON.parse(stdout);
			const paths = (list: readonly { path: string }[]) =>
				list.map(({ path }) => path);
			totals.copies.push(
				scoresOf(
					planted.duplicates.map(pairText),
					found.duplicates.map((group: { photos: { path: string }[] }) =>
						pairText(paths(group.photos)),
					),
				),
			);
			totals.labels.push(
				scoresOf(planted.mislabelled, paths(found.label_errors)),
			);
			totals.broken.push(scoresOf(planted.broken, paths(found.corrupt)));
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	}
	console.log(
		`planted into 147 photos, ${draws} draws       recall   precision`,
	);
	for (const [name, scores] of [
		["18 changed copies across splits", totals.copies],
		["5 wrong labels among 104", totals.labels],
		["3 broken files", totals.broken],
	] as const)
		console.log(
			`${name.padEnd(38)} ${mean(scores, "recall")}     ${mean(scores, "precision")}`,
		);
}

function mean(scores: readonly Scores[], key: keyof Scores): string {
	const sum = scores.reduce((total, score) => total + score[key], 0);
	return (sum / scores.length).toFixed(2);
}
