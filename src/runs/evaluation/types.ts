/** How good predictions are, in every number that one split of photos can give. Plain data, JSON-serialisable. */
export interface Evaluation {
	readonly photos: number;
	/** Share right, 0 … 1, and its 95 % Wilson interval. */
	readonly accuracy: number;
	readonly accuracyInterval: readonly [number, number];
	/** Mean over the classes of the share right: sklearn's balanced_accuracy_score. */
	readonly balancedAccuracy: number;
	/** k → share whose label is among the k largest probabilities; 5 where there are more than 5 classes. */
	readonly topK: Readonly<Record<string, number>>;
	/** Means over the classes that have photos or predictions. */
	readonly macro: PrecisionRecall;
	/** Means weighted by the classes' photos. */
	readonly weighted: PrecisionRecall;
	/** In class order. */
	readonly classes: readonly ClassScores[];
	/** [label][predicted] → photos. */
	readonly confusion: readonly (readonly number[])[];
	/** Mean negative log probability of the label, natural log; sklearn's log_loss. */
	readonly logLoss: number;
	/** Mean squared distance of the probabilities from the label's one-hot vector (Brier 1950), 0 … 2. */
	readonly brier: number;
	/** Of two classes that of the second; of more the mean of one against the rest. Undefined where a class has no photo, or all. */
	readonly rocAuc: number | undefined;
	readonly averagePrecision: number | undefined;
	readonly calibration: Calibration;
}

export interface PrecisionRecall {
	readonly precision: number;
	readonly recall: number;
	readonly f1: number;
}

/** Of one class against the rest; 0 where nothing was predicted (sklearn's zero_division=0). */
export interface ClassScores extends PrecisionRecall {
	readonly name: string;
	/** Photos of the class. */
	readonly support: number;
	/** 95 % Wilson interval of the recall. */
	readonly recallInterval: readonly [number, number];
	readonly rocAuc: number | undefined;
	readonly averagePrecision: number | undefined;
}

/** Whether 90 % sure is right nine times of ten. */
export interface Calibration {
	/** Expected calibration error over the bins (Naeini 2015; Guo et al. 2017), 0 … 1. */
	readonly ece: number;
	/** 15 bins of equal width of the largest probability. */
	readonly bins: readonly ReliabilityBin[];
	/** What logits should be divided by: fitted on these very photos (Guo et al. 2017); above 1: too sure. */
	readonly temperature: number;
	/** After dividing by it. */
	readonly eceAtTemperature: number;
	readonly logLossAtTemperature: number;
}

export interface ReliabilityBin {
	/** Largest probability from (exclusive, but for the first bin) … to. */
	readonly from: number;
	readonly to: number;
	readonly photos: number;
	/** Means over the bin's photos; undefined where it is empty. */
	readonly confidence: number | undefined;
	readonly accuracy: number | undefined;
}

/** What is scored: n photos, k classes. */
export interface Scored {
	readonly classNames: readonly string[];
	/** n class indices. */
	readonly labels: readonly number[];
	/** n rows of k probabilities, 0 … 1, each row's sum 1. */
	readonly probabilities: readonly (readonly number[])[];
	/** n class indices. */
	readonly predicted: readonly number[];
}
