import { BadKeras } from "./faults.ts";

/** One layer of a model's configuration, those of nested models after the model itself. */
export interface KerasLayerConfig {
	/** Conv2D, BatchNormalization … */
	readonly className: string;
	readonly name: string;
}

/** A model has some hundred layers; more than this is a trap. */
const MAX_LAYERS = 20_000;
const MAX_DEPTH = 20;

/**
 * The layers of a model in Keras's order, from `config.json` of a .keras file or the attribute `model_config` of an .h5
 * file. @throws BadKeras.
 */
export function layersOfConfig(text: string): readonly KerasLayerConfig[] {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch {
		throw new BadKeras("its model configuration is not JSON");
	}
	return layersOfModel(json);
}

/** The same of a configuration that is parsed. */
export function layersOfModel(model: unknown): readonly KerasLayerConfig[] {
	const found: KerasLayerConfig[] = [];
	visit(model, 0, found);
	return found;
}

function visit(layer: unknown, depth: number, found: KerasLayerConfig[]): void {
	const { class_name: className, config, name } = record(layer);
	const inner = record(config);
	const own = typeof name === "string" ? name : inner.name;
	if (typeof className !== "string" || typeof own !== "string")
		throw new BadKeras("its model configuration is none that Keras writes");
	if (depth > MAX_DEPTH || found.length > MAX_LAYERS)
		throw new BadKeras("its model configuration is too large");
	found.push({ className, name: own });
	if (!Array.isArray(inner.layers)) return;
	for (const child of inner.layers) visit(child, depth + 1, found);
}

function record(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null
		? (value as Record<string, unknown>)
		: {};
}

/** Keras's to_snake_case (keras/src/utils/naming.py): Conv2D → conv2d, BatchNormalization → batch_normalization. */
export function snakeCase(className: string): string {
	return className
		.replace(/\W+/g, "")
		.replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
		.replace(/([a-z])([A-Z])/g, "$1_$2")
		.toLowerCase();
}
