import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../../backend.ts";
import { isNative, openExecutor } from "./executor.ts";

/**
 * Optimizer steps that write where the numbers lie: one pass over the memory instead of eight, and no new tensors.
 * TensorFlow's own training kernels do it, on resource variables that take a tensor's buffer for the moment:
 *
 *   p, v ─ AssignVariableOp ─ ResourceApplyMomentum ─ ReadVariableOp ─ p, v        the buffers stay the same
 *
 * Whatever else holds the buffer (a clone) keeps its numbers: TensorFlow copies it then.
 */
export interface InPlace {
	/** p - learningRate · g. Takes ownership of p. */
	readonly descend: (p: Tensor, g: Tensor, learningRate: number) => Tensor;
	/** v = momentum · v + g;  p -= learningRate · (nesterov ? g + momentum · v : v). Takes ownership of p and v. */
	readonly momentum: (
		p: Tensor,
		v: Tensor,
		g: Tensor,
		by: {
			readonly learningRate: number;
			readonly momentum: number;
			readonly nesterov: boolean;
		},
	) => { readonly p: Tensor; readonly v: Tensor };
	readonly dispose: () => void;
}

/** Below so many numbers the calls cost more than the passes. */
export const IN_PLACE_SIZE = 1 << 14;

/** ResourceHandle::ANONYMOUS_NAME: the variable goes with the last handle of it. */
const ANONYMOUS = "cd2c89b7-88b7-44c8-ad83-06c2a9158347";

/** Undefined where the backend is not TensorFlow on the CPU. Not within tf.tidy's reach. */
export function openInPlace(tf: Tf): InPlace | undefined {
	const { isUsingGpuDevice } = tf.backend() as { isUsingGpuDevice?: boolean };
	if (!isNative(tf) || isUsingGpuDevice) return undefined;
	const run = openExecutor(tf);
	const ofVariable = run.attributes({ dtype: "float32" }, false);
	const unchecked = [
		...ofVariable,
		...run.attributes({ validate_shape: false }, false),
	];
	const plain = run.attributes({ use_locking: false });
	const [P, V] = [variable(), variable()];
	/** Tensors whose memory is TensorFlow's. Others may share theirs with a typed array of JavaScript's. */
	const own = new WeakSet<Tensor>();

	function variable(): Tensor {
		const attributes = [
			...ofVariable,
			run.shapeAttribute([]),
			...run.attributes({ container: "", shared_name: ANONYMOUS }, false),
		];
		return tf.keep(run.one("VarHandleOp", [], attributes));
	}

	/** After it the variable alone holds the buffer. */
	function enter(variable: Tensor, x: Tensor): void {
		const value = own.has(x) ? x : tf.mul(x, 1);
		run.many("AssignVariableOp", [variable, value], unchecked, 0);
		value.dispose();
		x.dispose();
	}

	function leave(variable: Tensor): Tensor {
		const value = run.one("ReadVariableOp", [variable], ofVariable);
		own.add(value);
		return value;
	}

	/** Numbers as inputs, for the time of a call. */
	function withScalars(
		values: readonly number[],
		work: (scalars: readonly Scalar[]) => void,
	): void {
		const scalars = values.map((value) => tf.scalar(value));
		work(scalars);
		for (const scalar of scalars) scalar.dispose();
	}

	return {
		descend(p, g, learningRate) {
			enter(P, p);
			withScalars([learningRate], ([rate]) =>
				run.many(
					"ResourceApplyGradientDescent",
					[P, rate as Scalar, g],
					plain,
					0,
				),
			);
			return leave(P);
		},
		momentum(p, v, g, { learningRate, momentum, nesterov }) {
			enter(P, p);
			enter(V, v);
			withScalars([learningRate, momentum], ([rate, share]) =>
				run.many(
					"ResourceApplyMomentum",
					[P, V, rate as Scalar, g, share as Scalar],
					[...plain, ...run.attributes({ use_nesterov: nesterov }, false)],
					0,
				),
			);
			return { p: leave(P), v: leave(V) };
		},
		dispose() {
			P.dispose();
			V.dispose();
		},
	};
}
