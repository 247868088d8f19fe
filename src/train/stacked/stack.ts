import { widthOf } from "../batches.ts";
import type { Batch } from "./head.ts";
import {
	type Kernel,
	type Matrix,
	openKernel,
	spaceOf,
} from "./kernel/kernel.ts";
import { type OpenMember, openMember } from "./member.ts";
import { openScratch, type Scratch, scratchSpace, shapeOf } from "./scratch.ts";
import { type Head, headOf } from "./stack-key.ts";
import { statesOf } from "./steps.ts";
import type { StackedInput, StackedMember } from "./types.ts";

/** Members that have their memory at the same time, and room for the photos that they look at. */
export interface Stack {
	readonly members: readonly OpenMember[];
	/** Copies rows, float32 [n, d], into the room; the batch is overwritten by the next one. */
	readonly load: (features: Float32Array) => Batch;
}

/** Valid photos that go through the heads at once: few enough for the processor's cache. */
export const VALID_PHOTOS = 64;

/** Numbers that a stack may take, 512 MB; a member that takes more is alone. */
const SPACE = 2 ** 27;

/** Members in their order, as many together as fit into memory. */
export function stacksOf({
	members,
	validRows,
}: StackedInput): readonly (readonly StackedMember[])[] {
	const stacks: StackedMember[][] = [];
	let space = Number.POSITIVE_INFINITY;
	for (const member of members) {
		// Beside its memory in the kernel: outputs, probabilities and losses of the valid photos.
		const said = 3 * validRows.labels.length * (classesOf(member) + 2);
		const own = spaceOfMember(member) + said;
		if (space + own > SPACE) {
			stacks.push([]);
			space = 0;
		}
		stacks.at(-1)?.push(member);
		space += own;
	}
	return stacks;
}

/** Allocates and fills the memory of these members. */
export function openStack(
	members: readonly StackedMember[],
	input: StackedInput,
): Stack {
	const { trainRows, validRows, classNames = [] } = input;
	const width = widthOf(trainRows);
	const photos = Math.max(
		VALID_PHOTOS,
		...members.map(({ options }) =>
			Math.min(options.batch_size, trainRows.labels.length),
		),
	);
	const heads = members.map(headOfMember);
	const shapes = new Map(heads.map((head) => [shapeOf(head), head]));
	const kernel = openKernel(
		spaceOf(photos, width) +
			spaceOf(width, photos) +
			sumOver(members, spaceOfMember) +
			sumOver([...shapes.values()], (head) => scratchSpace(head, photos)),
	);
	const room = [kernel.matrix(photos, width), kernel.matrix(width, photos)];
	const scratches = new Map<string, Scratch>();
	const open = (member: StackedMember, index: number): OpenMember => {
		const head = heads[index];
		const shape = shapeOf(head);
		const scratch = scratches.get(shape) ?? openScratch(kernel, head, photos);
		scratches.set(shape, scratch);
		const rows = { trainRows, validRows, classNames };
		return openMember(kernel, scratch, member, head, rows);
	};
	return {
		members: members.map(open),
		load: (features) => load(kernel, room[0], room[1], features),
	};
}

function load(
	kernel: Kernel,
	x: Matrix,
	turned: Matrix,
	features: Float32Array,
): Batch {
	const { columns, stride, data } = x;
	const rows = features.length / columns;
	if (stride === columns) data.set(features);
	else
		for (let row = 0; row < rows; row++)
			data.set(
				features.subarray(row * columns, (row + 1) * columns),
				row * stride,
			);
	kernel.transpose(x, rows, columns, turned);
	return { rows, x, turned };
}

function spaceOfMember(member: StackedMember): number {
	const { layers } = headOfMember(member);
	const copies = 1 + statesOf(member.options.optimizer);
	return sumOver(
		layers,
		({ inFeatures, outFeatures }) =>
			copies * (spaceOf(outFeatures, inFeatures) + spaceOf(1, outFeatures)),
	);
}

function headOfMember({ id, trainSuffix, trainable }: StackedMember): Head {
	const head = headOf(trainSuffix, trainable);
	if (!head) throw new Error(`internal: the head of ${id} cannot be stacked`);
	return head;
}

function classesOf(member: StackedMember): number {
	return headOfMember(member).layers.at(-1)?.outFeatures ?? 0;
}

function sumOver<T>(items: readonly T[], size: (item: T) => number): number {
	return items.reduce((sum, item) => sum + size(item), 0);
}
