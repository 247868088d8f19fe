/**
 * Names that torchvision gave parameters when it published some of its files, and by which it still reads them
 * (DenseNet's _load_state_dict, MLPBlock's _load_from_state_dict of the Vision Transformer).
 */
const RENAMED: readonly (readonly [RegExp, string])[] = [
	// features.denseblock1.denselayer1.norm.1.weight
	[/(\.denselayer\d+\.(?:norm|conv))\.([12]\.)/, "$1$2"],
	// encoder.layers.encoder_layer_0.mlp.linear_1.weight
	[/(\.encoder_layer_\d+\.mlp)\.linear_1\./, "$1.0."],
	[/(\.encoder_layer_\d+\.mlp)\.linear_2\./, "$1.3."],
];

/** What a parameter is called today. */
export function currentName(name: string): string {
	return RENAMED.reduce(
		(current, [pattern, replacement]) => current.replace(pattern, replacement),
		name,
	);
}
