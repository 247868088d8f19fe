import type { LayerSpec, Replacement } from "./types.ts";

/** One layer of `model.replace`. */
export interface NewLayer {
	/** Its name in the network: `classifier.6`, within a list `classifier.0`. */
	readonly name: string;
	readonly layer: LayerSpec;
	/** Where it is written. */
	readonly at: readonly (string | number)[];
}

/** The layers of `model.replace` one by one, those of lists too. */
export function newLayers(
	replace: Readonly<Record<string, Replacement>> | undefined,
): readonly NewLayer[] {
	return Object.entries(replace ?? {}).flatMap(([name, replacement]) => {
		const at = ["model", "replace", name];
		return Array.isArray(replacement)
			? replacement.map((layer: LayerSpec, index) => ({
					name: `${name}.${index}`,
					layer,
					at: [...at, index],
				}))
			: [{ name, layer: replacement as LayerSpec, at }];
	});
}
