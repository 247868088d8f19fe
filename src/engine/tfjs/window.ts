import type { Window } from "./kernels/types.ts";
import type { NodeView } from "./operator.ts";

/** From the shapes of an NHWC map and of an HWIO filter (or [h, w] of a pool) to how the window moves; each made once. */
export type WindowOf = (
	map: readonly number[],
	kernel: readonly number[],
) => Window;

/**
 * A node's strides, dilations, pads and auto_pad (https://onnx.ai/onnx/operators/onnx__Conv.html). One spatial
 * dimension is a height, with a width of 1. `ceil_mode` adds what a last window that reaches over the edge needs.
 */
export function windowsOf(
	view: Pick<NodeView, "node" | "number" | "ints">,
): WindowOf {
	const { ints } = view;
	const mode = view.node.attributes.auto_pad ?? "NOTSET";
	const ceil = view.number("ceil_mode", 0) === 1;
	const strides = pairOf(ints("strides"));
	const dilations = pairOf(ints("dilations"));
	const given = ints("pads") ?? [];
	const half = given.length / 2;
	const windows = new Map<string, Window>();

	function padsOf(size: number, kernel: number, axis: 0 | 1) {
		const stride = strides[axis];
		const span = dilations[axis] * (kernel - 1) + 1;
		if (mode === "SAME_UPPER" || mode === "SAME_LOWER") {
			const total = Math.max(
				0,
				(Math.ceil(size / stride) - 1) * stride + span - size,
			);
			const small = Math.floor(total / 2);
			return mode === "SAME_UPPER"
				? [small, total - small]
				: [total - small, small];
		}
		const [begin, end] =
			mode === "VALID" ? [0, 0] : [given[axis] ?? 0, given[axis + half] ?? 0];
		if (!ceil) return [begin, end];
		const steps = (size + begin + end - span) / stride;
		const count = Math.ceil(steps) + 1;
		// A window that would start in the padding after the map is dropped, as in PyTorch and ONNX.
		const kept = (count - 1) * stride >= size + begin ? count - 1 : count;
		return [begin, Math.max(end, (kept - 1) * stride + span - size - begin)];
	}

	return ([, height = 1, width = 1], [kh = 1, kw = 1]) => {
		const key = `${height} ${width}`;
		const known = windows.get(key);
		if (known) return known;
		const [top = 0, bottom = 0] = padsOf(height, kh, 0);
		const [left = 0, right = 0] = half === 1 ? [0, 0] : padsOf(width, kw, 1);
		const made: Window = {
			strides,
			dilations,
			pads: [top, bottom, left, right],
		};
		windows.set(key, made);
		return made;
	};
}

function pairOf(values: readonly number[] | undefined): [number, number] {
	return [values?.[0] ?? 1, values?.[1] ?? 1];
}
