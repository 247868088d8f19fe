import { classicalCodes } from "./codes/classical.ts";
import { dataCodes } from "./codes/data.ts";
import type { CodeEntry } from "./codes/entry.ts";
import { fileCodes } from "./codes/file.ts";
import { gateCodes } from "./codes/gate.ts";
import { keyCodes } from "./codes/keys.ts";
import { lossCodes } from "./codes/loss.ts";
import { machineCodes } from "./codes/machine.ts";
import { phaseCodes } from "./codes/phases.ts";
import { planCodes } from "./codes/plan.ts";
import { precisionCodes } from "./codes/precision.ts";
import { ruleCodes } from "./codes/rules.ts";
import { runCodes } from "./codes/run.ts";
import { slurmCodes } from "./codes/slurm.ts";
import { strategyCodes } from "./codes/strategy.ts";
import { sweepCodes } from "./codes/sweep.ts";
import { sweepRunCodes } from "./codes/sweep-run.ts";
import { trackingCodes } from "./codes/tracking.ts";
import { trainCodes } from "./codes/train.ts";
import { transformCodes } from "./codes/transforms.ts";
import { weightsCodes } from "./codes/weights.ts";

/** Every code of every room; a test holds that none is missing. */
export const codes: Readonly<Record<string, CodeEntry>> = {
	...fileCodes,
	...keyCodes,
	...ruleCodes,
	...classicalCodes,
	...trainCodes,
	...lossCodes,
	...phaseCodes,
	...precisionCodes,
	...transformCodes,
	...dataCodes,
	...planCodes,
	...weightsCodes,
	...runCodes,
	...slurmCodes,
	...strategyCodes,
	...sweepCodes,
	...trackingCodes,
	...gateCodes,
	...sweepRunCodes,
	...machineCodes,
};
