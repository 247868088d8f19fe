import type { Sample } from "../data/types.ts";
import { EXIT, RunError } from "../diagnostic.ts";
import type { Options } from "./arguments.ts";
import type { Io } from "./io.ts";
import { wholeNumber } from "./numbers.ts";
import { preparedOrExit } from "./prepared.ts";
import { writeOut } from "./write-out.ts";

const PHOTOS = 6;
const DRAWS = 4;

/** `graft preview FILE [--out F.png|F.html]`: photos before and after the transforms, side by side. */
export async function preview(
	file: string,
	options: Options,
	io: Io,
): Promise<number> {
	const prepared = await preparedOrExit(file, options, io);
	if (typeof prepared === "number") return prepared;
	const { dataset, plan, loaded } = prepared;
	if (dataset === undefined)
		throw new Error("internal: a preview needs photos");
	const { experiment } = loaded;
	const out = options.out ?? `${experiment.name}-preview.png`;
	const format = formatOf(out);
	const wanted = wholeNumber("--photos", options.photos ?? String(PHOTOS), 1);
	const { preview: draw } = await import("../data/preview.ts");
	const { train, eval: evaluation } = plan;
	const isOne =
		JSON.stringify(train.transforms) === JSON.stringify(evaluation.transforms);
	const page = await draw(
		{
			root: dataset.root,
			photos: spread(dataset.samples, wanted).map(({ path }) => path),
			policies: isOne
				? [{ name: experiment.name, transforms: train.transforms }]
				: [
						{ name: "train", transforms: train.transforms },
						{ name: "eval", transforms: evaluation.transforms },
					],
			exif: experiment.data.exif,
			seed: experiment.seed,
			draws: wholeNumber("--draws", options.draws ?? String(DRAWS), 1),
		},
		format,
	);
	writeOut(out, page);
	io.stdout(options.json ? `${JSON.stringify({ out })}\n` : `${out}\n`);
	return EXIT.ok;
}

function formatOf(out: string): "png" | "html" {
	const ending = /\.(png|html)$/i.exec(out)?.[1]?.toLowerCase();
	if (ending === "png" || ending === "html") return ending;
	throw new RunError(
		"bad-value",
		`--out is "${out}", expected a name that ends in .png or .html`,
		{
			fix: "write --out preview.png",
		},
	);
}

/** Photos from all over the list, so that every class is likely to be seen. */
function spread(samples: readonly Sample[], wanted: number): readonly Sample[] {
	const count = Math.min(wanted, samples.length);
	return Array.from(
		{ length: count },
		(_, index) =>
			samples[Math.floor(((index + 0.5) * samples.length) / count)] as Sample,
	);
}
