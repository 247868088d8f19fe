/**
 * Values of C before the first that is asked for: a large C is reached sooner over smaller ones, each beginning where
 * the last ended, than from nothing.
 */
export function rampTo(first: number | undefined): readonly number[] {
	const ramp: number[] = [];
	for (let C = (first ?? 0) / 10; C >= 0.01; C /= 10) ramp.unshift(C);
	return ramp;
}
