import type { Calibration, ReliabilityBin, Scored } from "./types.ts";

/** Bins of Guo et al., "On Calibration of Modern Neural Networks", ICML 2017. */
const BINS = 15;

/** Probabilities are kept away from 0 by as much when their logarithm is taken. */
const LEAST = 1e-12;

/** Reliability, its error, and the temperature that would mend it. */
export function calibrate(scored: Scored): Calibration {
	const temperature = fitTemperature(scored);
	const cooled = atTemperature(scored, temperature);
	const bins = reliability(scored);
	return {
		ece: calibrationError(bins),
		bins,
		temperature,
		eceAtTemperature: calibrationError(reliability(cooled)),
		logLossAtTemperature: logLoss(cooled),
	};
}

/** Mean negative log probability of the label. */
export function logLoss({ labels, probabilities }: Scored): number {
	const losses = labels.map(
		(label, row) =>
			-Math.log(Math.max(LEAST, probabilities[row]?.[label] ?? 0)),
	);
	return losses.reduce((sum, loss) => sum + loss, 0) / labels.length;
}

/** Photos by how sure the network was of the class it said: 15 bins of equal width. */
export function reliability({
	labels,
	probabilities,
	predicted,
}: Scored): readonly ReliabilityBin[] {
	const sums = Array.from({ length: BINS }, () => ({
		photos: 0,
		confidence: 0,
		right: 0,
	}));
	labels.forEach((label, row) => {
		const confidence = probabilities[row]?.[predicted[row] as number] ?? 0;
		const place = Math.min(
			BINS - 1,
			Math.max(0, Math.ceil(confidence * BINS) - 1),
		);
		const bin = sums[place] as (typeof sums)[number];
		bin.photos++;
		bin.confidence += confidence;
		if (predicted[row] === label) bin.right++;
	});
	return sums.map(({ photos, confidence, right }, place) => ({
		from: place / BINS,
		to: (place + 1) / BINS,
		photos,
		confidence: photos === 0 ? undefined : confidence / photos,
		accuracy: photos === 0 ? undefined : right / photos,
	}));
}

/** Expected calibration error of such bins, 0 … 1. */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
	const photos = bins.reduce((sum, bin) => sum + bin.photos, 0);
	return bins.reduce((sum, bin) => {
		const gap = Math.abs((bin.accuracy ?? 0) - (bin.confidence ?? 0));
		return sum + (bin.photos / photos) * gap;
	}, 0);
}

/**
 * The T that makes softmax(log p / T) most likely; the likelihood has one peak in 1/T, found by golden section between
 * T = 0.01 and 100.
 */
function fitTemperature(scored: Scored): number {
	const loss = lossByLogTemperature(scored);
	const golden = (Math.sqrt(5) - 1) / 2;
	let low = Math.log(0.01);
	let high = Math.log(100);
	let a = high - golden * (high - low);
	let b = low + golden * (high - low);
	let lossA = loss(a);
	let lossB = loss(b);
	while (high - low > 1e-6) {
		if (lossA <= lossB) {
			high = b;
			b = a;
			lossB = lossA;
			a = high - golden * (high - low);
			lossA = loss(a);
		} else {
			low = a;
			a = b;
			lossA = lossB;
			b = low + golden * (high - low);
			lossB = loss(b);
		}
	}
	return Math.exp((low + high) / 2);
}

/** logLoss(atTemperature(scored, exp(logT))) by logT: asked dozens of times for each run, so without lists in between. */
function lossByLogTemperature({
	labels,
	probabilities,
}: Scored): (logT: number) => number {
	const logits = probabilities.map((row) =>
		Float64Array.from(row, (p) => Math.log(Math.max(LEAST, p))),
	);
	const largest = logits.map((row) => row.reduce((a, b) => Math.max(a, b)));
	return (logT) => {
		const temperature = Math.exp(logT);
		let loss = 0;
		for (let row = 0; row < logits.length; row++) {
			const values = logits[row] as Float64Array;
			const top = largest[row] as number;
			let sum = 0;
			for (let column = 0; column < values.length; column++)
				sum += Math.exp(((values[column] as number) - top) / temperature);
			const own = (values[labels[row] as number] ?? 0) - top;
			const p = Math.exp(own / temperature) / sum;
			loss -= Math.log(Math.max(LEAST, p));
		}
		return loss / logits.length;
	};
}

function atTemperature(scored: Scored, temperature: number): Scored {
	const probabilities = scored.probabilities.map((row) => {
		const logits = row.map((p) => Math.log(Math.max(LEAST, p)) / temperature);
		const largest = Math.max(...logits);
		const powers = logits.map((logit) => Math.exp(logit - largest));
		const sum = powers.reduce((total, power) => total + power, 0);
		return powers.map((power) => power / sum);
	});
	return { ...scored, probabilities };
}
