import { join } from "node:path";
import { type Holder, holderOf, type Lease, takeLease } from "./lease.ts";
import { namesIn } from "./results.ts";

/** Several `graft run` may work on one sweep: each holds a lease of its own, so that others see it. */

const NAME = /^runner-\d+$/;

/** Enters this process among the sweep's runners. @throws RunError "sweep-folder" */
export function enterRunner(sweepFolder: string): Lease {
	for (let number = 1; ; number++) {
		const lease = takeLease(sweepFolder, `runner-${number}`);
		if (lease !== undefined) return lease;
	}
}

/** Who works on the sweep now. */
export function liveRunners(sweepFolder: string): readonly Holder[] {
	return namesIn(join(sweepFolder, "leases"))
		.filter((name) => NAME.test(name))
		.map((name) => holderOf(sweepFolder, name))
		.filter((holder) => holder !== undefined);
}
