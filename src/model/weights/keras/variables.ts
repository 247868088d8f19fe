import type { DType } from "../../types.ts";
import type { KerasLayerConfig } from "./config.ts";

/** Variables of a Keras model as any of its file formats holds them: layer by layer, in each layer Keras's order. */

/** One variable, its values not read yet. */
export interface KerasVariable {
	/** `block1_conv1/kernel`, or `block1_conv1/0` where the file does not say more. */
	readonly name: string;
	readonly dtype: DType;
	readonly shape: readonly number[];
	/** Row-major values, given piece by piece: numbers from `start` on. */
	readonly read: (piece: Piece) => Promise<void>;
}

/** Takes values of a variable. */
export type Piece = (values: ArrayLike<number>, start: number) => void;

/** A model's variables. */
export interface KerasVariables {
	/** Layer → its variables; layers in the file's order. */
	readonly layers: ReadonlyMap<string, readonly KerasVariable[]>;
	/** Whether that order is Keras's own, by which Keras itself reads old files. */
	readonly isOrdered: boolean;
	/** Undefined where the file holds weights alone. */
	readonly config: readonly KerasLayerConfig[] | undefined;
}

/** Where a variable stands among those of its layer, by its name. */
const PLACES: Readonly<Record<string, number>> = {
	kernel: 0,
	depthwise_kernel: 0,
	gamma: 0,
	bias: 1,
	beta: 1,
	moving_mean: 2,
	moving_variance: 3,
	mean: 0,
	variance: 1,
	count: 2,
};

/** In Keras's order: gamma, beta, moving_mean, moving_variance; kernel, bias. Names that say nothing stay where they are. */
export function inKerasOrder(
	variables: readonly KerasVariable[],
): readonly KerasVariable[] {
	const placed = variables.map((variable) => ({
		variable,
		place: PLACES[variable.name.replace(/^.*\//, "")],
	}));
	if (placed.some(({ place }) => place === undefined)) return variables;
	placed.sort((a, b) => (a.place ?? 0) - (b.place ?? 0));
	return placed.map(({ variable }) => variable);
}
