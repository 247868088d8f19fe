import { chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { makeFolder } from "../make-folder.ts";
import { holderOf, type Lease, takeLease } from "./lease.ts";
import { namesIn } from "./results.ts";

/** The GPUs of this machine, and who of all sweeps on it uses them. */
export interface Gpu {
	/** As the vendor's tool counts. */
	readonly index: string;
	/** Names its lease. */
	readonly uuid: string;
	/** 0 where the tool does not say. */
	readonly memoryMiB: number;
	/** What a process gets to see this GPU and no other. */
	readonly env: Readonly<Record<string, string>>;
}

/** All that this process may use, by index. None where there is neither tool. */
export async function findGpus(
	env: NodeJS.ProcessEnv = process.env,
): Promise<readonly Gpu[]> {
	const nvidia = await output(
		"nvidia-smi",
		["--query-gpu=index,uuid,memory.total", "--format=csv,noheader"],
		env,
	);
	if (nvidia !== undefined)
		return visible(parseNvidia(nvidia), env.CUDA_VISIBLE_DEVICES, cudaEnv);
	const rocm = await output(
		"rocm-smi",
		["--showuniqueid", "--showmeminfo", "vram", "--csv"],
		env,
	);
	if (rocm === undefined) return [];
	return visible(parseRocm(rocm), env.HIP_VISIBLE_DEVICES, hipEnv);
}

type Found = Omit<Gpu, "env">;

/** Lines like `0, GPU-5c1f…, 81559 MiB`. */
export function parseNvidia(text: string): readonly Found[] {
	return text.split("\n").flatMap((line) => {
		const [index = "", uuid = "", memory = ""] = line
			.split(",")
			.map((cell) => cell.trim());
		if (!/^\d+$/.test(index) || uuid === "") return [];
		return [{ index, uuid, memoryMiB: Number.parseInt(memory, 10) || 0 }];
	});
}

/** A header, then lines like `card0,0x1c4e…,17163091968,12345`; columns are found by their titles. */
export function parseRocm(text: string): readonly Found[] {
	const [header = "", ...lines] = text.trim().split("\n");
	const titles = header.toLowerCase().split(",");
	const id = titles.findIndex((title) => title.includes("unique id"));
	const total = titles.findIndex((title) => title.includes("total memory"));
	return lines.flatMap((line) => {
		const cells = line.split(",").map((cell) => cell.trim());
		const index = /^card(\d+)$/.exec(cells[0] ?? "")?.[1];
		if (index === undefined) return [];
		const bytes = Number.parseInt(cells[total] ?? "", 10) || 0;
		const uuid = cells[id] || `card${index}`;
		return [{ index, uuid, memoryMiB: Math.round(bytes / 2 ** 20) }];
	});
}

/**
 * What is left by CUDA_VISIBLE_DEVICES: indices, UUIDs or their beginnings; the list ends at the first that names none
 * (CUDA C++ Programming Guide, environment variables). A name that the tool does not list, such as a MIG device, is
 * taken as it is.
 */
function visible(
	found: readonly Found[],
	wish: string | undefined,
	envOf: (gpu: Found) => Record<string, string>,
): readonly Gpu[] {
	const withEnv = (gpu: Found): Gpu => ({ ...gpu, env: envOf(gpu) });
	if (wish === undefined) return found.map(withEnv);
	const chosen: Gpu[] = [];
	for (const word of wish.split(",").map((part) => part.trim())) {
		if (word === "" || word === "-1") break;
		const gpu = found.find(
			({ index, uuid }) => index === word || uuid.startsWith(word),
		);
		if (gpu === undefined && !word.startsWith("MIG-")) break;
		chosen.push(withEnv(gpu ?? { index: word, uuid: word, memoryMiB: 0 }));
	}
	return chosen;
}

/** By UUID: CUDA counts the fastest first, nvidia-smi by PCI bus. */
function cudaEnv({ uuid }: Found): Record<string, string> {
	return { CUDA_VISIBLE_DEVICES: uuid, TF_FORCE_GPU_ALLOW_GROWTH: "true" };
}

function hipEnv({ index }: Found): Record<string, string> {
	return { HIP_VISIBLE_DEVICES: index, TF_FORCE_GPU_ALLOW_GROWTH: "true" };
}

async function output(
	program: string,
	args: readonly string[],
	env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
	const { stdout, failed } = await execa(program, args, {
		env,
		extendEnv: false,
		reject: false,
		timeout: 20_000,
		stdin: "ignore",
	});
	return failed ? undefined : stdout;
}

/**
 * One runner a GPU on this machine; undefined while another has it, or while a worker of a runner that was killed
 * still ends. The runner's workers hold `useGpu` leases for that.
 */
export function takeGpu({ uuid }: Gpu): Lease | undefined {
	const folder = gpuFolder();
	prepare(folder, [nameOf(uuid)]);
	const lease = takeLease(folder, nameOf(uuid));
	if (lease === undefined) return undefined;
	const users = namesIn(join(folder, "leases")).filter((name) =>
		name.startsWith(`${nameOf(uuid)}.`),
	);
	if (users.every((name) => holderOf(folder, name) === undefined)) return lease;
	lease.release();
	return undefined;
}

/** In a worker process: says that it is on this GPU, as number `place` of its runner's. */
export function useGpu(uuid: string, place: number): Lease | undefined {
	const folder = gpuFolder();
	const name = `${nameOf(uuid)}.${place}`;
	prepare(folder, [name]);
	return takeLease(folder, name);
}

/** The machine's, not a project's; GRAFT_GPU_LEASES names another. */
function gpuFolder(): string {
	return process.env.GRAFT_GPU_LEASES || join(tmpdir(), "graft-gpus");
}

function nameOf(uuid: string): string {
	return uuid.replaceAll(/[^\w-]/g, "_");
}

/** Writable by every user of the machine, as /tmp is. */
function prepare(folder: string, names: readonly string[]): void {
	const leases = join(folder, "leases");
	for (const path of [folder, leases, ...names.map((n) => join(leases, n))]) {
		makeFolder(path);
		try {
			chmodSync(path, 0o777);
		} catch {
			// Another user's, who has done so.
		}
	}
}
