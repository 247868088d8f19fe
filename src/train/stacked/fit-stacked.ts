import { batchesInOrder, trainBatches } from "../batches.ts";
import { refuseEmpty } from "../fit-errors.ts";
import { openPause } from "../pause.ts";
import type { StepEvent } from "../types.ts";
import type { OpenMember } from "./member.ts";
import { openStack, type Stack, stacksOf, VALID_PHOTOS } from "./stack.ts";
import type { FailedEvent, StackedEvent, StackedInput } from "./types.ts";

/**
 * Trains many heads side by side on the same rows; each as `fit` would alone.
 *
 *   rows ─ shuffle by seed ─ batch, once for all heads of the seed ─┬─ head 1: forward, loss, backward, clip, step
 *                                                                   ├─ head 2: …
 *          valid rows, once for all ─ forward ──────────────────────┴─ head n
 *
 * Every head has its own loss, optimizer, schedule, seed and number of epochs, and drops out when it has ended. Its
 * numbers depend on no other head. On tfjs's wasm backend they have the same bytes as those of `fit` (LogSoftmax, Tanh and
 * Sigmoid aside, whose last bits may differ); on backends that add up in another order, they agree as float32 does.
 *
 * Yields a StepEvent per step of those members that `log: step`, an EpochEvent per epoch, at a member's end its FitEnd
 * or a FailedEvent. Gives way to the event loop as `fit` does.
 * @throws RunError "no-rows" when a split is empty, "out-of-memory".
 */
export async function* fitStacked(
	input: StackedInput,
): AsyncGenerator<StackedEvent> {
	refuseEmpty(input.trainRows, "train");
	refuseEmpty(input.validRows, "valid");
	const rest = openRest(input.signal);
	for (const members of stacksOf(input)) {
		const stack = openStack(members, input);
		let active = stack.members;
		for (let epoch = 1; active.length > 0; epoch++) {
			const start = performance.now();
			const left = new Set(active);
			const over = (from: OpenMember) => left.delete(from);
			for (const group of inStep(active)) {
				const training = trainGroup(stack, input, group, epoch, rest);
				for await (const [from, event] of training) {
					if (event.type === "failed") over(from);
					yield { member: from.member.id, ...event };
				}
			}
			active = active.filter((from) => left.has(from));
			if (!(await lookAtValid(stack, input, active, rest))) return;
			const durationMs = performance.now() - start;
			for (const from of active)
				for (const event of from.endEpoch(epoch, durationMs)) {
					if (event.type !== "epoch") over(from);
					yield { member: from.member.id, ...event };
				}
			active = active.filter((from) => left.has(from));
		}
	}
}

/** Gives way where it is time; false once all shall end. */
type Rest = () => Promise<boolean>;

function openRest(signal: AbortSignal | undefined): Rest {
	const pause = openPause();
	return async () => {
		await pause();
		return signal?.aborted !== true;
	};
}

/** Members that see the same batches: those of one seed, batch size, sampling and mixing. */
function inStep(
	members: readonly OpenMember[],
): readonly (readonly OpenMember[])[] {
	const groups = new Map<string, OpenMember[]>();
	for (const from of members) {
		const { seed, options } = from.member;
		const { batch_size, sampling = "shuffle", mixup, cutmix } = options;
		const key = JSON.stringify([seed, batch_size, sampling, mixup, cutmix]);
		const group = groups.get(key);
		if (group) group.push(from);
		else groups.set(key, [from]);
	}
	return [...groups.values()];
}

/** Heads trained between two looks at the clock. */
const HEADS_AT_ONCE = 32;

/** One pass over the train rows; yields the steps that are logged, and failures. */
async function* trainGroup(
	stack: Stack,
	{ trainRows }: StackedInput,
	group: readonly OpenMember[],
	epoch: number,
	rest: Rest,
): AsyncGenerator<readonly [OpenMember, StepEvent | FailedEvent]> {
	const [first] = group;
	if (first === undefined) return;
	const { seed, options } = first.member;
	let active = group;
	const { classes } = first;
	const batches = trainBatches(trainRows, options, classes, seed, epoch);
	for (const { features, labels, targets } of batches) {
		const batch = {
			...{ ...stack.load(features), features, labels },
			...(targets && { targets }),
		};
		const failed = new Set<OpenMember>();
		for (const [index, from] of active.entries()) {
			if (index % HEADS_AT_ONCE === 0 && !(await rest())) return;
			const event = from.train(batch, epoch);
			if (event.type === "failed") failed.add(from);
			if (event.type === "failed" || from.member.options.log === "step")
				yield [from, event];
		}
		if (failed.size > 0) active = active.filter((from) => !failed.has(from));
		if (active.length === 0) return;
	}
}

/** Every member's outputs for the valid rows. */
async function lookAtValid(
	stack: Stack,
	{ validRows }: StackedInput,
	members: readonly OpenMember[],
	rest: Rest,
): Promise<boolean> {
	let row = 0;
	for (const { features } of batchesInOrder(validRows, VALID_PHOTOS)) {
		const batch = stack.load(features);
		for (const [index, from] of members.entries()) {
			if (index % HEADS_AT_ONCE === 0 && !(await rest())) return false;
			from.look(batch, row);
		}
		row += batch.rows;
	}
	return rest();
}
