import { createHash } from "node:crypto";
import { openTfjs } from "../../src/engine/backend.ts";
import { random } from "../../src/random.ts";

/** Twelve steps of a small convolutional network on tfjs-node; prints a hash of every loss and gradient. Run by native.test.ts. */
const { tf, version } = await openTfjs("node");
const hash = createHash("sha256");
const draw = random(7, "native-steps");
const made = (shape: [number, ...number[]]) =>
	tf.tensor(
		Float32Array.from(
			{ length: shape.reduce((a, b) => a * b) },
			() => draw.uniform() - 0.5,
		),
		shape,
	);
const x = made([8, 24, 24, 16]) as import("@tensorflow/tfjs-core").Tensor4D;
const wide = made([64, 2048]);
const variables = {
	conv: tf.variable(made([3, 3, 16, 32])),
	depthwise: tf.variable(made([3, 3, 32, 1])),
	head: tf.variable(made([32, 10])),
	wide: tf.variable(made([2048, 512])),
};
for (let step = 0; step < 12; step++)
	tf.tidy(() => {
		const { value, grads } = tf.variableGrads(() => {
			const a = tf.relu(tf.conv2d(x, variables.conv as never, 1, "same"));
			const b = tf.depthwiseConv2d(a, variables.depthwise as never, 1, "same");
			const { mean, variance } = tf.moments(b, [0, 1, 2]);
			const c = tf.div(tf.sub(b, mean), tf.sqrt(tf.add(variance, 1e-5)));
			const pooled = tf.mean(tf.avgPool(c as typeof a, 2, 2, "valid"), [1, 2]);
			const logits = tf.logSoftmax(tf.matMul(pooled, variables.head));
			const other = tf.mean(tf.tanh(tf.matMul(wide, variables.wide)));
			return tf.add(tf.mean(tf.square(logits)), other) as never;
		});
		hash.update(Float32Array.from(value.dataSync()));
		for (const variable of Object.values(variables)) {
			const gradient = grads[variable.name];
			if (gradient === undefined) throw new Error("no gradient");
			hash.update(Float32Array.from(gradient.dataSync()));
			variable.assign(tf.sub(variable, tf.mul(gradient, 0.1)) as never);
		}
	});
console.log(JSON.stringify({ version, hash: hash.digest("hex") }));
