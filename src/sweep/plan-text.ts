import { short } from "../experiment/sweep/gather.ts";
import { photoLines } from "../plan/print.ts";
import { bytes, count, duration, grouped, printable, table } from "../text.ts";
import { type AxisRow, axisRows, keyTitles } from "./axis-rows.ts";
import { type Features, wallSeconds } from "./expected.ts";
import type { PreparedSweep, PreparedTrial } from "./prepare-sweep.ts";
import type { Task } from "./types.ts";

/** What the plan of a sweep is told from. */
export interface SweepPlanInput {
	readonly file: string;
	readonly sweep: PreparedSweep;
	/** Of each extraction, by task id. */
	readonly features: ReadonlyMap<string, Features>;
	/** Ids of trials that have their result. */
	readonly done: ReadonlySet<string>;
	/** Where results of earlier starts are, as the user would write it; undefined: there are none. */
	readonly folder: string | undefined;
	/** What runs at once: `2 GPUs`. */
	readonly workers: { readonly size: number; readonly name: string };
	/** Whether the times come from this machine's earlier runs. */
	readonly measured: boolean;
}

/** So many trials, extractions and stacks are shown; JSON has all. */
const MOST_ROWS = 10;

/** The plan of a sweep for people, ending with a newline. Pure, golden-tested. */
export function printSweepPlan(input: SweepPlanInput): string {
	const { sweep, done, folder } = input;
	const { experiment } = sweep.loaded;
	const { name, description } = experiment;
	const lines = [
		printable(`${name}${description === undefined ? "" : `: ${description}`}`),
		"",
		...photoLines(sweep.trials[0]?.prepared.data),
		"",
		...axisLines(axisRows(sweep)),
		"",
		...trialLines(sweep.trials),
		"",
		...taskLines(input),
		"",
		...(folder === undefined
			? []
			: [
					`results     ${done.size} of ${count(sweep.trials.length, "trial")} in ${folder}`,
				]),
		`objective   ${objectiveText(input)}`,
		...diskLines(input),
		summary(input),
	];
	return `${lines.join("\n")}\n`;
}

function axisLines(rows: readonly AxisRow[]): readonly string[] {
	return table(
		[
			["axis", "values", "from"],
			...rows.map(({ key, values, from }) => [key, values, from]),
		],
		["left", "left", "left"],
	).map(printable);
}

function trialLines(trials: readonly PreparedTrial[]): readonly string[] {
	const titles = keyTitles(trials);
	const shown = trials.slice(0, MOST_ROWS);
	const rows = shown.map(({ trial: { index, values, runId } }) => [
		String(index),
		...[...titles.keys()].map((key) => {
			const value = values[key];
			return value === undefined ? "" : short(value, 24);
		}),
		runId,
	]);
	const lines = table(
		[["trial", ...titles.values(), "run"], ...rows],
		["right", ...[...titles].map(() => "left" as const), "left"],
	);
	const left = trials.length - shown.length;
	return [
		...lines.map(printable),
		...(left > 0 ? [`    … ${grouped(left)} more: --format json has all`] : []),
	];
}

function taskLines({ sweep, features }: SweepPlanInput): readonly string[] {
	const { tasks, trials } = sweep;
	const byId = new Map(trials.map((each) => [each.trial.id, each]));
	const membersOf = (task: Task) =>
		task.trials.flatMap((id) => byId.get(id) ?? []);
	const of = (kind: Task["kind"]) => tasks.filter((task) => task.kind === kind);
	const [extractions, stacks] = [of("extraction"), of("stacked")];
	const singles = of("single");
	const passRow = (task: Task) => {
		const members = membersOf(task);
		const plan = members[0]?.prepared.plan;
		const { cached, toCompute, bytes: size } = features.get(task.id) ?? NO_ROWS;
		return [
			"pass",
			[
				`${members[0]?.prepared.backbone.name} to ${plan?.eval.cutTensor}`,
				...setApart(members, trials),
				`for ${count(members.length, "trial")}`,
			].join(", "),
			`cache holds ${cached} of ${cached + toCompute} rows, ${bytes(size)}`,
			duration(task.seconds),
		];
	};
	const stackRow = (task: Task) => [
		"stacked",
		[`${task.trials.length} heads`, ...setApart(membersOf(task), trials)].join(
			", ",
		),
		"",
		duration(task.seconds),
	];
	const rows = [
		...extractions.slice(0, MOST_ROWS).map(passRow),
		...more(extractions, "pass", "passes"),
		...stacks.slice(0, MOST_ROWS).map(stackRow),
		...more(stacks, "stacked", "stacks"),
		...(singles.length === 0
			? []
			: [
					[
						"single",
						count(singles.length, "trial"),
						"",
						duration(sum(singles)),
					],
				]),
	];
	return table(
		[["task", "of", "features", "about"], ...rows],
		["left", "left", "left", "right"],
	).map(printable);
}

const NO_ROWS: Features = { cached: 0, toCompute: 0, bytes: 0, seconds: 0 };

/** What some trials have in common and not all others: `transforms: squash`. */
function setApart(
	members: readonly PreparedTrial[],
	all: readonly PreparedTrial[],
): readonly string[] {
	const [first] = members;
	return Object.entries(first?.trial.values ?? {}).flatMap(([key, value]) => {
		const text = short(value, 24);
		const isSame = ({ trial }: PreparedTrial) => {
			const other = trial.values[key];
			return other !== undefined && short(other, 24) === text;
		};
		return members.every(isSame) && !all.every(isSame)
			? [`${key}: ${text}`]
			: [];
	});
}

function more(
	tasks: readonly Task[],
	kind: string,
	noun: string,
): readonly string[][] {
	const rest = tasks.slice(MOST_ROWS);
	if (rest.length === 0) return [];
	return [[kind, `… ${rest.length} more ${noun}`, "", duration(sum(rest))]];
}

function sum(tasks: readonly Task[]): number {
	return tasks.reduce((total, { seconds }) => total + seconds, 0);
}

function objectiveText({ sweep }: SweepPlanInput): string {
	const options = sweep.loaded.experiment.sweep;
	if (options === undefined) return "";
	const { metric, mode } = options.objective;
	const best = mode === "max" ? "the most" : "the least";
	const pruner = Object.keys(options.pruner ?? {})[0];
	return `${best} ${metric}${pruner === undefined ? "" : `; ${pruner} ends trials early`}`;
}

/** Bytes that the rows of all passes take, those that are there among them. */
function diskLines({ features }: SweepPlanInput): readonly string[] {
	if (features.size === 0) return [];
	const all = [...features.values()];
	const size = all.reduce((total, rows) => total + rows.bytes, 0);
	return [`features    ${bytes(size)} on disk`];
}

/** `216 trials = 6 passes + 6 stacked heads + 12 fine-tunes, about 41 min on 2 GPUs`. */
export function summary(input: SweepPlanInput): string {
	const { sweep, workers, measured } = input;
	const { passes, cachedPasses, stacked, fineTunes, heads } = countWork(input);
	const parts = [
		[passes, "pass", "passes"],
		[cachedPasses, "pass from the cache", "passes from the cache"],
		[stacked, "stacked head", "stacked heads"],
		[heads, "head alone", "heads alone"],
		[fineTunes, "fine-tune", "fine-tunes"],
	] as const;
	const work = parts
		.filter(([n]) => n > 0)
		.map(([n, one, many]) => count(n, one, many))
		.join(" + ");
	const whole = `${count(sweep.trials.length, "trial")} = ${work}`;
	const open = openTasks(input);
	const more = askedText(sweep);
	if (open.length === 0) return `${whole}, all of them done${more}`;
	const left = roughly(wallSeconds(open, workers.size));
	const basis = measured ? "" : " (a first guess for this machine)";
	return `${whole}, about ${left} on ${workers.name}${basis}${more}`;
}

/** ` + 20 trials asked in rounds of 4`. */
function askedText({ tpe, loaded }: PreparedSweep): string {
	if (tpe === undefined || tpe.left === 0) return "";
	const { seeds = 1, tpe: asked } = loaded.experiment.sweep ?? {};
	const size = Math.min(tpe.left, asked?.batch ?? 1) * seeds;
	return ` + ${count(tpe.left * seeds, "trial")} asked in rounds of ${size}`;
}

/** Work by kind: a pass is a network over all photos; a single task is a fine-tune where layers of the trunk learn or photos are drawn anew. */
export function countWork({ sweep, features }: SweepPlanInput) {
	const byId = new Map(sweep.trials.map((each) => [each.trial.id, each]));
	const isFineTune = ({ trials: [id = ""] }: Task) => {
		const plan = byId.get(id)?.prepared.plan;
		if (plan === undefined) return false;
		const added = new Set(plan.added);
		return (
			plan.train.featureKey === undefined ||
			plan.trainable.some((name) => !added.has(name))
		);
	};
	const of = (kind: Task["kind"]) =>
		sweep.tasks.filter((task) => task.kind === kind);
	const isCached = ({ id }: Task) => {
		const rows = features.get(id);
		return rows !== undefined && rows.toCompute === 0 && rows.cached > 0;
	};
	const cachedPasses = of("extraction").filter(isCached).length;
	const fineTunes = of("single").filter(isFineTune).length;
	return {
		passes: of("extraction").length - cachedPasses,
		cachedPasses,
		stacked: of("stacked").length,
		fineTunes,
		heads: of("single").length - fineTunes,
	};
}

/** Tasks that still have something to do. */
export function openTasks({ sweep, done }: SweepPlanInput): readonly Task[] {
	return sweep.tasks.filter(({ trials }) =>
		trials.some((trial) => !done.has(trial)),
	);
}

/** `41 min` rather than `41 min 3 s`. */
function roughly(seconds: number): string {
	if (seconds < 60) return `${Math.ceil(seconds)} s`;
	if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
	return duration(seconds);
}
