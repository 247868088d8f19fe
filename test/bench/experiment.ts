import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** What the PyTorch peers do, as a file: squash to 224, frozen EfficientNet-Lite0, a linear head, SGD, ten epochs. */
export function benchExperiment(root: string): string {
	const file = join(root, "experiment.yaml");
	writeFileSync(
		file,
		`name: bench
data: { root: . }
transforms:
  - Resize: { size: [224, 224] }
  - ToTensor
  - Normalize
model: { backbone: efficientnet_lite0, freeze: all, head: linear }
train: { loss: cross_entropy, optimizer: sgd, learning_rate: 0.001, epochs: 10, batch_size: 32 }
`,
	);
	return file;
}
