import type { NetworkBuilder } from "./builder.ts";

type Size = readonly [number, number];

/**
 * nn.AdaptiveAvgPool2d for a map whose size is known: nothing where the sizes agree, AveragePool where one
 * divides the other, else two products with averaging matrices, P_h x P_w^T.
 */
export function adaptiveAveragePool(
	net: NetworkBuilder,
	x: string,
	layer: string,
	[h, w]: Size,
	[outH, outW]: Size,
): string {
	if (h === outH && w === outW) return net.node("Identity", layer, [x]);
	if (h % outH === 0 && w % outW === 0) {
		const kernel = [h / outH, w / outW];
		return net.node("AveragePool", layer, [x], {
			kernel_shape: kernel,
			strides: kernel,
		});
	}
	const rows = net.constant("float32", [outH, h], averages(h, outH));
	const columns = net.constant(
		"float32",
		[w, outW],
		transposed(averages(w, outW), outW, w),
	);
	const narrow = net.node("MatMul", layer, [x, columns], {}, "columns");
	return net.node("MatMul", layer, [rows, narrow]);
}

/**
 * Row-major [outputs, inputs]: output i averages the inputs floor(i * in / out) … ceil((i + 1) * in / out) - 1
 * (torch's adaptive_avg_pool2d, aten/src/ATen/native/AdaptivePooling.h).
 */
function averages(inputs: number, outputs: number): number[] {
	const matrix = new Array<number>(inputs * outputs).fill(0);
	for (let i = 0; i < outputs; i++) {
		const start = Math.floor((i * inputs) / outputs);
		const end = Math.ceil(((i + 1) * inputs) / outputs);
		matrix.fill(1 / (end - start), i * inputs + start, i * inputs + end);
	}
	return matrix;
}

function transposed(
	matrix: readonly number[],
	rows: number,
	columns: number,
): number[] {
	return Array.from(
		{ length: matrix.length },
		(_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)] ?? 0,
	);
}
