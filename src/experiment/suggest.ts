/**
 * The nearest allowed name to a misspelt one. In order: the same word in another spelling
 * (case, hyphens, camelCase), a known synonym, the beginning of one name alone, the fewest slips of the finger.
 */
export function nearest(
	word: string,
	candidates: readonly string[],
): string | undefined {
	const plain = flatten(word);
	if (plain === "") return undefined;
	const sameWord = candidates.find((name) => flatten(name) === plain);
	if (sameWord !== undefined) return sameWord;
	const synonym = synonymOf(word, candidates);
	if (synonym !== undefined) return synonym;
	return bySlips(plain, candidates) ?? byBeginning(plain, candidates);
}

/** A known other name of one of the candidates: `lr` of `learning_rate`. */
export function synonymOf(
	word: string,
	candidates: readonly string[],
): string | undefined {
	const names = SYNONYMS[flatten(word)]?.split(" ") ?? [];
	return names.find((name) => candidates.includes(name));
}

/** Letters and digits alone, in lower case: batch-size, BatchSize and batch_size are one word. */
function flatten(name: string): string {
	return name.toLowerCase().replace(/[-_\s]/g, "");
}

function bySlips(
	plain: string,
	candidates: readonly string[],
): string | undefined {
	let best: { name: string; slips: number; likeness: number } | undefined;
	for (const name of candidates) {
		const other = flatten(name);
		const allowed = Math.max(
			1,
			Math.floor(Math.max(plain.length, other.length) / 3),
		);
		if (Math.abs(plain.length - other.length) > allowed) continue;
		const slips = editDistance(plain, other);
		if (slips > allowed) continue;
		const likeness = likenessOf(plain, other);
		if (
			best === undefined ||
			slips < best.slips ||
			(slips === best.slips && likeness > best.likeness)
		)
			best = { name, slips, likeness };
	}
	return best?.name;
}

function byBeginning(
	plain: string,
	candidates: readonly string[],
): string | undefined {
	if (plain.length < 3) return undefined;
	const started = candidates.filter((name) => {
		const other = flatten(name);
		return other.startsWith(plain) || plain.startsWith(other);
	});
	return started.length === 1 ? started[0] : undefined;
}

/** Of two names as many slips away, the likelier: the same letters in another order, else more letters shared at the ends. */
function likenessOf(a: string, b: string): number {
	if ([...a].sort().join() === [...b].sort().join()) return 1000;
	const least = Math.min(a.length, b.length);
	let start = 0;
	while (start < least && a[start] === b[start]) start++;
	let end = 0;
	while (end < least - start && a.at(-1 - end) === b.at(-1 - end)) end++;
	return 2 * start + end;
}

/**
 * Slips of the finger from one word to the other: a letter missing, too many or wrong, two letters
 * swapped (Damerau and Levenshtein's distance, optimal string alignment).
 */
export function editDistance(a: string, b: string): number {
	let before: number[] = [];
	let row = Array.from({ length: b.length + 1 }, (_, column) => column);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			const same = a[i - 1] === b[j - 1] ? 0 : 1;
			let slips = Math.min(
				(row[j] as number) + 1,
				(next[j - 1] as number) + 1,
				(row[j - 1] as number) + same,
			);
			if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
				slips = Math.min(slips, (before[j - 2] as number) + 1);
			next.push(slips);
		}
		before = row;
		row = next;
	}
	return row[b.length] as number;
}

/** What other programs call it → what it is called here; several where it depends on the place. */
const SYNONYMS: Readonly<Record<string, string>> = {
	lr: "learning_rate",
	eta: "learning_rate",
	stepsize: "learning_rate",
	bs: "batch_size",
	batch: "batch_size",
	minibatch: "batch_size",
	epoch: "epochs",
	numepochs: "epochs",
	nepochs: "epochs",
	maxepochs: "epochs",
	iterations: "epochs",
	optim: "optimizer",
	optimiser: "optimizer",
	solver: "optimizer",
	criterion: "loss",
	objective: "loss",
	lossfunction: "loss",
	lossfn: "loss",
	wd: "weight_decay",
	l2: "weight_decay",
	decay: "weight_decay",
	mom: "momentum",
	epsilon: "eps",
	training: "train",
	trainer: "train",
	fit: "train",
	val: "valid eval",
	validation: "valid eval",
	dev: "valid",
	evaluation: "eval",
	evaluate: "eval",
	inference: "eval",
	dataset: "data",
	datasets: "data",
	photos: "data root",
	images: "data root",
	path: "root",
	dir: "root",
	directory: "root",
	folder: "root",
	csv: "manifest",
	labels: "manifest",
	network: "backbone model",
	net: "backbone model",
	arch: "backbone",
	architecture: "backbone",
	encoder: "backbone",
	trunk: "backbone",
	basemodel: "backbone",
	model: "backbone",
	classifier: "head",
	fc: "head",
	pretrained: "weights",
	checkpoint: "weights",
	frozen: "freeze",
	trainable: "freeze",
	augmentation: "transforms",
	augmentations: "transforms",
	augment: "transforms",
	preprocessing: "transforms preprocess",
	pipeline: "transforms",
	pool: "global_pool",
	pooling: "global_pool",
	layer: "features until",
	randomseed: "seed",
	manualseed: "seed",
	title: "name",
	base: "extends",
	inherit: "extends",
	defaults: "extends",
	include: "extends",
	units: "out_features",
	numclasses: "out_features",
	nclasses: "out_features",
	outputs: "out_features",
	mode: "padding_mode interpolation",
	probability: "p",
	prob: "p",
	rate: "p",
	angle: "degrees",
	imagesize: "size",
	imgsize: "size",
	height: "size",
	width: "size",
	linearprobe: "linear",
	dense: "Linear linear",
	crossentropyloss: "cross_entropy",
	ce: "cross_entropy",
	softmaxcrossentropy: "cross_entropy",
	nllloss: "nll",
	negativeloglikelihood: "nll",
	centrecrop: "CenterCrop",
	scale: "Resize",
	rescale: "Resize",
	totensorv2: "ToTensor",
	hflip: "RandomHorizontalFlip",
	horizontalflip: "RandomHorizontalFlip",
	vflip: "RandomVerticalFlip",
	verticalflip: "RandomVerticalFlip",
	colourjitter: "ColorJitter",
	greyscale: "Grayscale",
	cutout: "RandomErasing",
	rotate: "RandomRotation",
	rotation: "RandomRotation",
	trivialaugment: "TrivialAugmentWide",
	stratified: "stratify",
	group: "group_by",
	groups: "group_by",
	validfraction: "valid",
	valsplit: "valid",
	testsplit: "test",
	linearinterpolation: "bilinear",
	cubic: "bicubic",
	mean: "avg",
	average: "avg",
	gap: "avg",
	maximum: "max",
	float: "float32",
	drop: "Dropout",
	true: "all",
	yes: "all",
	everything: "all",
	false: "none",
	no: "none",
	nothing: "none",
	imagenet: "default",
	random: "none",
	mobilenet: "efficientnet_lite0",
	efficientnet: "efficientnet_lite0",
	vgg: "vgg16",
};
