/**
 * Which module of the PyTorch network a node came from, as both exporters of torch.onnx note it:
 *
 *   the older, in the node's name   /layer1/layer1.0/conv1/Conv        → layer1.0.conv1
 *   the newer, in its metadata      ['', 'layer1', 'layer1.0', 'layer1.0.conv1', 'conv2d']
 *
 * @returns undefined where the node belongs to the network itself, or another program wrote the file.
 */
export function modulePath(
	name: string,
	metadata: readonly { readonly key: string; readonly value: string }[],
): string | undefined {
	const scopes = metadata.find(({ key }) => key === NAME_SCOPES)?.value;
	if (scopes !== undefined) {
		const names = [...scopes.matchAll(/'((?:[^'\\]|\\.)*)'/g)];
		// The last is the operation's own.
		return names.at(-2)?.[1] || undefined;
	}
	if (!name.startsWith("/")) return undefined;
	const path: string[] = [];
	for (const step of name.split("/").slice(1, -1)) {
		// A Sequential's child repeats its parent's name: layer1, layer1.0.
		if (step.startsWith(`${path.at(-1)}.`)) path.pop();
		path.push(step);
	}
	return path.length === 0 ? undefined : path.join(".");
}

const NAME_SCOPES = "pkg.torch.onnx.name_scopes";
