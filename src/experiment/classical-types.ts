/** Normal form of the heads that have no epochs: they are fitted at once on features that nothing changes. */

/** A number, numbers to choose from on training photos, or `auto`: powers of ten. */
export type Candidates = number | "auto" | readonly number[];

/** What the linear ones share. */
export interface ClassicalOptions {
	/** `balanced`: each photo counts n / (classes · photos of its class), as scikit-learn's. */
	readonly class_weight: "none" | "balanced";
	/** Each feature shifted and scaled to mean 0 and variance 1 on the training photos. */
	readonly standardize: boolean;
}

/** sklearn.linear_model.LogisticRegression's. */
export interface LogisticOptions extends ClassicalOptions {
	readonly C: Candidates;
}

/** sklearn.svm.LinearSVC's. */
export interface SvmOptions extends ClassicalOptions {
	readonly C: Candidates;
	readonly loss: "squared_hinge" | "hinge";
}

/** sklearn.linear_model.RidgeClassifier's. */
export interface RidgeOptions extends ClassicalOptions {
	readonly alpha: Candidates;
}

/** sklearn.neighbors.KNeighborsClassifier's. */
export interface KnnOptions {
	readonly n_neighbors: number;
	readonly metric: "cosine" | "euclidean";
	/** A neighbour's vote: 1, 1 / distance, or exp(cosine / temperature) as DINO's evaluation has it. */
	readonly weights: "uniform" | "distance" | "temperature";
	readonly temperature: number;
	readonly standardize: boolean;
}

/** sklearn.neighbors.NearestCentroid's. */
export interface NearestMeanOptions {
	readonly metric: "cosine" | "euclidean";
	readonly standardize: boolean;
}

/** A head by name. */
export type ClassicalHead =
	| { readonly logistic: LogisticOptions }
	| { readonly svm: SvmOptions }
	| { readonly ridge: RidgeOptions }
	| { readonly knn: KnnOptions }
	| { readonly nearest_mean: NearestMeanOptions };

const NAMES = ["logistic", "svm", "ridge", "knn", "nearest_mean"] as const;

/** What they are called. */
export type ClassicalName = (typeof NAMES)[number];

/** The head, where it is one without epochs. */
export function classicalHead(
	head: object | undefined,
): ClassicalHead | undefined {
	if (head === undefined) return undefined;
	return NAMES.some((name) => name in head)
		? (head as ClassicalHead)
		: undefined;
}

/** Epochs that a run of this experiment has; undefined where its journal does not say. */
export function epochsOf(
	experiment:
		| {
				readonly model?: { readonly head?: object };
				readonly train?: { readonly epochs: number };
		  }
		| undefined,
): number | undefined {
	return classicalHead(experiment?.model?.head) === undefined
		? experiment?.train?.epochs
		: 1;
}

/** `svm` of `{ svm: { … } }`. */
export function classicalName(head: ClassicalHead): ClassicalName {
	return NAMES.find((name) => name in head) as ClassicalName;
}
