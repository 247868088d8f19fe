import type { OneCycleOptions } from "../experiment/types.ts";

/**
 * torch.optim.lr_scheduler.OneCycleLR with two phases and cycle_momentum=False: from rate / div_factor up to the
 * rate, then down to rate / div_factor / final_div_factor at the last step
 * (https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html).
 * @param step from 0
 * @param total steps of all epochs
 */
export function oneCycle(
	options: OneCycleOptions,
	rate: number,
	step: number,
	total: number,
): number {
	const { pct_start, anneal_strategy, div_factor, final_div_factor } = options;
	const start = rate / div_factor;
	const end = start / final_div_factor;
	const anneal = anneal_strategy === "cos" ? alongCosine : alongLine;
	const top = pct_start * total - 1;
	if (step <= top) return anneal(start, rate, share(step, 0, top));
	return anneal(rate, end, share(step, top, total - 1));
}

function share(step: number, from: number, to: number): number {
	return to === from ? 1 : (step - from) / (to - from);
}

function alongCosine(from: number, to: number, share: number): number {
	return to + ((from - to) / 2) * (Math.cos(Math.PI * share) + 1);
}

function alongLine(from: number, to: number, share: number): number {
	return (to - from) * share + from;
}
