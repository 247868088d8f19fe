import { createHash } from "node:crypto";

/**
 * Seeded random numbers. Each use has a stream of its own, named by what it is for
 * (`random(seed, "shuffle", epoch)`), so that adding a use never moves the numbers of another,
 * and nothing depends on the order of work or on the number of workers.
 */
export interface Random {
	/** Uniform in [0, 1) with 32 random bits. */
	readonly uniform: () => number;
	/** Uniform integer in [0, n), unbiased; n at most 2^32. */
	readonly integer: (n: number) => number;
	/** Standard normal, by Box and Muller. */
	readonly normal: () => number;
	/** A permutation of 0 … n-1, by Fisher and Yates. */
	readonly permutation: (n: number) => Uint32Array;
}

/**
 * The stream with this seed and name: xoshiro128** (Blackman and Vigna,
 * https://prng.di.unimi.it/xoshiro128starstar.c), its state the first 16 bytes of
 * sha256(seed / name parts joined by "/").
 */
export function random(
	seed: number,
	...name: readonly (string | number)[]
): Random {
	const digest = createHash("sha256")
		.update([seed, ...name].join("/"))
		.digest();
	let a = digest.readUInt32LE(0) | 0;
	let b = digest.readUInt32LE(4) | 0;
	let c = digest.readUInt32LE(8) | 0;
	let d = digest.readUInt32LE(12) | 1;

	function next(): number {
		const product = Math.imul(b, 5);
		const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
		const t = b << 9;
		c ^= a;
		d ^= b;
		b ^= c;
		a ^= d;
		c ^= t;
		d = (d << 11) | (d >>> 21);
		return result;
	}

	const uniform = () => next() / 0x1_0000_0000;

	function integer(n: number): number {
		const limit = 0x1_0000_0000 - (0x1_0000_0000 % n);
		let draw = next();
		while (draw >= limit) draw = next();
		return draw % n;
	}

	let spare: number | undefined;
	function normal(): number {
		if (spare !== undefined) {
			const value = spare;
			spare = undefined;
			return value;
		}
		const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
		const angle = 2 * Math.PI * uniform();
		spare = radius * Math.sin(angle);
		return radius * Math.cos(angle);
	}

	function permutation(n: number): Uint32Array {
		const order = Uint32Array.from({ length: n }, (_, index) => index);
		for (let last = n - 1; last > 0; last--) {
			const other = integer(last + 1);
			const held = order[last] as number;
			order[last] = order[other] as number;
			order[other] = held;
		}
		return order;
	}

	return { uniform, integer, normal, permutation };
}
