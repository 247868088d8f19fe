import type { Tensor, Weights } from "../../src/model/types.ts";
import { network } from "../../src/model/zoo/builder.ts";
import { random } from "../../src/random.ts";
import type { FitInput, Rows } from "../../src/train/types.ts";

/** Rows of `channels` x 6 x 6 numbers in three classes, some with a brighter corner. */
function rows(count: number, name: string, channels: number): Rows {
	const size = channels * 36;
	const { normal, integer } = random(3, "rows", name);
	const labels = Int32Array.from({ length: count }, () => integer(3));
	const features = Float32Array.from(
		{ length: count * size },
		(_, at) => normal() + (at % 7 === labels[Math.floor(at / size)] ? 1 : 0),
	);
	return { features, labels, shape: [channels, 6, 6] };
}

/** conv, BatchNormalization that learns, ReLU, pool, Dropout, Linear: a training with all kinds of layers. */
export function convNet(
	photos: number,
	channels = 2,
): Omit<FitInput, "options"> {
	const net = network("small", ["n", channels, 6, 6]);
	const kernel = { in: channels, out: 4, kernel: 3, padding: 1 };
	let x = net.conv(net.input, "conv", kernel);
	x = net.relu(net.batchNorm(x, "bn", 4), "relu");
	x = net.dropout(
		net.flatten(net.globalAveragePool(x, "pool"), "flat"),
		"drop",
		0.2,
	);
	const graph = net.finish(net.linear(x, "fc", 4, 3), 3);
	const { normal } = random(4, "weights");
	const buffers = ["bn.running_mean", "bn.running_var"];
	const weights: Weights = new Map(
		graph.initializers
			.filter(({ values }) => values === undefined)
			.map(({ name, shape }): [string, Tensor] => {
				const size = shape.reduce((a, b) => a * b, 1);
				const data = Float32Array.from({ length: size }, () =>
					/var|bn.weight/.test(name) ? 1 : 0.3 * normal(),
				);
				return [name, { dtype: "float32", shape, data }];
			}),
	);
	const train = rows(photos, "train", channels);
	return {
		...{ trainSuffix: graph, evalSuffix: graph, weights, buffers, seed: 5 },
		trainable: [...weights.keys()].filter((name) => !buffers.includes(name)),
		trainRows: () => Promise.resolve(train),
		validRows: rows(9, "valid", channels),
	};
}
