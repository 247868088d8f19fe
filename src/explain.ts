import { readFileSync } from "node:fs";
import { CorruptPhoto } from "./data/corrupt-photo.ts";
import { decodePhoto } from "./data/decode.ts";
import { trace } from "./data/preview/trace.ts";
import { applyTransforms } from "./data/transforms.ts";
import type { Pixels } from "./data/types.ts";
import { RunError } from "./diagnostic.ts";
import { openDevice } from "./engine/backend.ts";
import { createSession } from "./engine/ort.ts";
import { unsupportedOps } from "./engine/tfjs/supported.ts";
import { thisMachine } from "./features/prefix.ts";
import { sha256 } from "./fingerprint.ts";
import { subgraph } from "./model/edit.ts";
import { type SeenMap, seenMap } from "./model/seen-map.ts";
import { random } from "./random.ts";
import type { PhotoView } from "./runs/report/extras.ts";
import { type Heat, openGradCam } from "./train/grad-cam.ts";
import { wholeWeights } from "./train/whole-network.ts";
import type { Trained } from "./trained.ts";

/**
 * Where a trained network looked, by Grad-CAM:
 *
 *   photo ─ eval transforms ─ network in onnxruntime ─ its last map ─ rest in tfjs, and back ─ heat
 */
export interface Explainer {
	/** Method and place: "Grad-CAM at layer4.1, 7 x 7". */
	readonly method: string;
	/**
	 * @param file absolute path of a photo
	 * @param wanted class whose heat is wanted; undefined: that of the highest score
	 * @throws RunError "photo-unexplained" for a photo that cannot be read, or that the network cannot take.
	 */
	readonly explain: (file: string, wanted?: ExplainWish) => Promise<Explained>;
	readonly close: () => Promise<void>;
}

/** What is known of a photo. */
export interface ExplainWish {
	/** Class index. */
	readonly of?: number;
	/** What its bytes must still be. */
	readonly sha256?: string;
}

/** One photo's heat, and what of the photo the network saw. */
export interface Explained {
	readonly heat: Heat;
	/** Which part of the photo; undefined: all of it. */
	readonly view: PhotoView | undefined;
	/** The photo as it enters the network, before it becomes a tensor. */
	readonly seen: Pixels;
}

/**
 * @returns an explainer, which whoever opens it closes, or one sentence that says why there can be none for this run.
 * @throws RunError as createSession, openDevice and the reading of weights
 */
export async function openExplainer({
	prepared,
	trained,
}: Pick<Trained, "prepared" | "trained">): Promise<Explainer | string> {
	const { plan, backbone, loaded } = prepared;
	const { experiment } = loaded;
	if (plan.classical && !plan.added.every((name) => trained.has(name)))
		return `the head ${Object.keys(plan.classical)[0]} compares photos with those it was fitted on, and has no gradient that could be followed back to a place`;
	const seen = seenMap(plan.graph, plan.eval.inputShape);
	if (typeof seen === "string") return seen;
	const rest = subgraph(plan.graph, [seen.tensor], [seen.scores]);
	if (!rest.ok) return rest.diagnostics[0]?.message ?? "";
	const [foreign] = unsupportedOps(rest.value);
	if (foreign !== undefined)
		return `after its last map the network has ${foreign.op} "${foreign.node}", which ${foreign.reason}`;
	const { tf } = await openDevice(experiment.device);
	const weights = await wholeWeights(
		...[plan, experiment.seed, trained, backbone.loadWeights],
	);
	const session = await createSession(plan.graph, weights, {
		...{ outputs: [seen.tensor], intraOpThreads: thisMachine().cores },
	});
	const { tensor } = seen;
	const gradCam = openGradCam(tf, rest.value, weights, seen);

	async function explain(file: string, wish: ExplainWish = {}) {
		const photo = await viewOf(file, wish);
		const dims = [1, ...plan.eval.inputShape];
		const outputs = await session.run(photo.data, dims);
		const map = outputs.get(tensor);
		if (map === undefined) throw new Error("internal: the map is missing");
		const heat = gradCam.heatOf(map.data, map.dims, wish.of);
		return { heat, view: photo.view, seen: photo.seen };
	}

	/** The photo through the transforms of evaluation. */
	async function viewOf(file: string, wish: ExplainWish) {
		const { transforms, inputShape } = plan.eval;
		const { exif } = experiment.data;
		try {
			const bytes = readFileSync(file);
			const content = sha256(bytes);
			if (wish.sha256 !== undefined && wish.sha256 !== content)
				throw unexplained(file, "its bytes are others than in the run");
			const decoded = await decodePhoto(bytes, { exif });
			const upright =
				exif === "apply"
					? decoded
					: await decodePhoto(bytes, { exif: "apply" });
			if (Buffer.compare(decoded.data, upright.data) !== 0)
				throw unexplained(
					file,
					"it lies on its side (exif: ignore), and is shown upright",
				);
			const stream = () => random(experiment.seed, "transform", content, 0);
			const end = transforms.findIndex(({ name }) => name === "ToTensor");
			const first = transforms.slice(0, end === -1 ? undefined : end);
			const { image, kept } = trace(decoded, first, stream);
			const { data, channels, height, width } = applyTransforms(
				image,
				transforms.slice(first.length),
				stream(),
			);
			const shape = [channels, height, width];
			if (!(data instanceof Float32Array) || shape.join() !== inputShape.join())
				throw unexplained(
					file,
					`the transforms make it ${shape.join(" x ")}, the network takes ${inputShape.join(" x ")}`,
				);
			const view = shareOf(kept, decoded);
			return { data, seen: image as Pixels, view };
		} catch (error) {
			if (error instanceof CorruptPhoto) throw unexplained(file, error.reason);
			if (error instanceof RunError) throw error;
			throw unexplained(file, (error as Error).message);
		}
	}

	return {
		method: methodOf(seen),
		explain,
		close: async () => {
			gradCam.dispose();
			await session.close();
		},
	};
}

function methodOf({ layer, grid, order }: SeenMap): string {
	const places = order === "tokens" ? "patches" : "places";
	return `Grad-CAM at ${layer}, ${grid.join(" x ")} ${places}`;
}

/** Undefined where nothing was cut off or padded. */
function shareOf(
	kept: PhotoView,
	{ height, width }: Pixels,
): PhotoView | undefined {
	const view = {
		left: kept.left / width,
		top: kept.top / height,
		width: kept.width / width,
		height: kept.height / height,
	};
	const isNear = (a: number, b: number) => Math.abs(a - b) < 1e-6;
	const isWhole =
		isNear(view.left, 0) &&
		isNear(view.top, 0) &&
		isNear(view.width, 1) &&
		isNear(view.height, 1);
	return isWhole ? undefined : view;
}

function unexplained(file: string, reason: string): RunError {
	return new RunError("photo-unexplained", `${file}: ${reason}`, {
		fix: "leave it out, or bring back the photo that the run saw",
	});
}
