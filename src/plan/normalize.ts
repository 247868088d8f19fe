import type { Diagnostic } from "../diagnostic.ts";
import type { Transform } from "../experiment/types.ts";
import type { Preprocess } from "../model/types.ts";

/**
 * Normalization belongs to the weights: a bare `Normalize` takes it from them, another one must agree
 * with them or say `override: true`.
 *
 * A completed Normalize has { mean, std, scale, channels }: with x in 0 … 1 as ToTensor gives it, channels
 * put in the network's order, (x * scale - mean) / std.
 */
export interface Completed {
	readonly transforms: readonly Transform[];
	/** Without a place; `at` is the index of the transform, undefined when it is missing. */
	readonly problems: readonly (Diagnostic & {
		readonly at: number | undefined;
	})[];
}

/** The transforms with their Normalize filled in, and what is wrong with it. */
export function completeNormalize(
	transforms: readonly Transform[],
	preprocess: Preprocess,
	backbone: string,
): Completed {
	const problems: Completed["problems"][number][] = [];
	const completed = transforms.map((transform, index) => {
		if (transform.name !== "Normalize") return transform;
		const given = transform.params as {
			mean?: readonly number[];
			std?: readonly number[];
			override?: boolean;
		};
		const { mean, std, scale, channels } = preprocess;
		if (given.mean === undefined || given.std === undefined)
			return { ...transform, params: { mean, std, scale, channels } };
		if (given.override !== true && !agrees(given.mean, given.std, preprocess)) {
			problems.push({
				...contradiction(given.mean, given.std, preprocess, backbone),
				at: index,
			});
		}
		return {
			...transform,
			params: { mean: given.mean, std: given.std, scale: 1, channels },
		};
	});
	if (
		!transforms.some(({ name }) => name === "Normalize") &&
		!isIdentity(preprocess)
	) {
		problems.push({
			severity: "error",
			code: "normalization-missing",
			message: `the transforms have no Normalize, but the weights of ${backbone} expect it`,
			reason:
				"photos that are not normalized as in pretraining cost accuracy without any other sign",
			fix: 'end the list with "- Normalize", or with "- Normalize: { mean: [0, 0, 0], std: [1, 1, 1], override: true }" to leave it out on purpose',
			at: undefined,
		});
	}
	return { transforms: completed, problems };
}

/** Equal within a thousandth of the range of a pixel. */
function agrees(
	mean: readonly number[],
	std: readonly number[],
	{ scale, ...weights }: Preprocess,
): boolean {
	const near = (given: readonly number[], own: readonly number[]) =>
		own.every(
			(value, index) =>
				Math.abs((given[index] ?? given[0] ?? Number.NaN) - value / scale) <
				1e-3,
		);
	return near(mean, weights.mean) && near(std, weights.std);
}

function isIdentity({ mean, std, scale }: Preprocess): boolean {
	return (
		scale === 1 &&
		mean.every((value) => value === 0) &&
		std.every((value) => value === 1)
	);
}

function contradiction(
	mean: readonly number[],
	std: readonly number[],
	preprocess: Preprocess,
	backbone: string,
): Diagnostic {
	const own = (values: readonly number[]) =>
		values
			.map((value) => Number((value / preprocess.scale).toPrecision(4)))
			.join(", ");
	return {
		severity: "error",
		code: "normalization-contradicts-weights",
		message: `Normalize has mean [${mean.join(", ")}] and std [${std.join(", ")}], but the weights of ${backbone} were trained with mean [${own(preprocess.mean)}] and std [${own(preprocess.std)}]`,
		reason:
			"another normalization than in pretraining costs accuracy without any other sign",
		fix: 'write "- Normalize" to take it from the weights, or add "override: true" if you mean it',
	};
}
