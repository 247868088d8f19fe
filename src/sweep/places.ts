import { type Gpu, takeGpu } from "./gpus.ts";
import type { Lease } from "./lease.ts";
import { startWorker, type Worker } from "./worker.ts";

/** Where worker processes run: so many on a GPU, or so many on the processor. */
export interface Places {
	/** How many tasks can run at once, if no other sweep takes a GPU. */
	readonly size: number;
	/** A free place with a living worker, which is then taken; undefined: none is free, or every free GPU is another runner's. */
	readonly take: () => Place | undefined;
	/** Gives a place back; its worker stays for the next task. */
	readonly free: (place: Place) => void;
	/** Gives back the GPUs of which no place is taken, and ends their workers. */
	readonly rest: () => Promise<void>;
	/** Ends every worker and gives everything back. */
	readonly close: () => Promise<void>;
}

/** One worker's. */
export interface Place {
	/** `cpu 1`, `gpu 0`, `gpu 0.1`. */
	readonly name: string;
	readonly worker: Worker;
}

interface Slot {
	readonly name: string;
	readonly gpu: Gpu | undefined;
	readonly env: Readonly<Record<string, string>>;
	worker: Worker | undefined;
	isTaken: boolean;
}

/** How many workers, and where. */
export interface PlacesOptions {
	readonly sweepFolder: string;
	readonly gpus: readonly Gpu[];
	/** Without GPUs. */
	readonly workers: number;
	readonly trialsPerGpu: number;
	/** A worker that was started before it was known where: takes the first place of the processor. */
	readonly first?: Worker;
}

/** Places on this machine; nothing is started or leased before the first is taken. */
export function openPlaces(options: PlacesOptions): Places {
	const { sweepFolder, gpus, workers, trialsPerGpu } = options;
	const slots: readonly Slot[] =
		gpus.length > 0
			? gpuSlots(gpus, trialsPerGpu)
			: Array.from({ length: workers }, (_, index) => ({
					name: `cpu ${index}`,
					gpu: undefined,
					env: {},
					worker: index === 0 ? options.first : undefined,
					isTaken: false,
				}));
	const leases = new Map<string, Lease>();

	function isLeased({ gpu }: Slot): boolean {
		if (gpu === undefined || leases.has(gpu.uuid)) return true;
		const lease = takeGpu(gpu);
		if (lease !== undefined) leases.set(gpu.uuid, lease);
		return lease !== undefined;
	}

	function take(): Place | undefined {
		const free = slots.filter(({ isTaken }) => !isTaken);
		// A warm worker first.
		const warm = free.filter(({ worker }) => worker?.isAlive());
		for (const slot of [...warm, ...free]) {
			if (!isLeased(slot)) continue;
			if (!slot.worker?.isAlive())
				slot.worker = startWorker(sweepFolder, slot.env);
			slot.isTaken = true;
			return { name: slot.name, worker: slot.worker };
		}
		return undefined;
	}

	function free({ worker }: Place): void {
		const slot = slots.find((each) => each.worker === worker);
		if (slot !== undefined) slot.isTaken = false;
	}

	async function endWorkers(ended: readonly Slot[]): Promise<void> {
		await Promise.all(ended.map(({ worker }) => worker?.end()));
		for (const slot of ended) slot.worker = undefined;
	}

	async function rest(): Promise<void> {
		for (const [uuid, lease] of leases) {
			const here = slots.filter(({ gpu }) => gpu?.uuid === uuid);
			if (here.some(({ isTaken }) => isTaken)) continue;
			leases.delete(uuid);
			await endWorkers(here);
			lease.release();
		}
	}

	async function close(): Promise<void> {
		await endWorkers(slots);
		for (const lease of leases.values()) lease.release();
		leases.clear();
	}

	return { size: slots.length, take, free, rest, close };
}

function gpuSlots(gpus: readonly Gpu[], trialsPerGpu: number): Slot[] {
	// One on each GPU before the second on any.
	return Array.from({ length: trialsPerGpu }, (_, place) =>
		gpus.map((gpu) => ({
			name:
				trialsPerGpu === 1 ? `gpu ${gpu.index}` : `gpu ${gpu.index}.${place}`,
			gpu,
			env: { ...gpu.env, GRAFT_GPU: `${gpu.uuid}/${place}` },
			worker: undefined,
			isTaken: false,
		})),
	).flat();
}
