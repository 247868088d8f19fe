import type { GraphModel } from "@tensorflow/tfjs-converter";
import { loadGraphModel } from "@tensorflow/tfjs-converter";
import type { io } from "@tensorflow/tfjs-core";
import { IDS } from "../types.ts";
import { byId, document, location } from "./dom.ts";

/** The network of the page. @throws with a sentence for the reader where it cannot be loaded. */
export async function openModel(isEmbedded: boolean): Promise<GraphModel> {
	if (isEmbedded) return loadGraphModel({ load: async () => embedded() });
	if (location.protocol === "file:")
		throw new Error(
			"This network is too large to stand in the page, and a browser reads no files beside a page that was opened from the disk. In this folder, run “python3 -m http.server 8000” and open http://localhost:8000",
		);
	return loadGraphModel(new URL("model.json", location.href).href);
}

function embedded(): io.ModelArtifacts {
	const json = JSON.parse(byId(IDS.model).textContent) as io.ModelJSON;
	const parts: Uint8Array[] = [];
	for (;;) {
		const shard = document.getElementById(`${IDS.shards}${parts.length}`);
		if (shard === null) break;
		parts.push(bytesOf(shard.textContent));
		// The text would stay in memory beside what it says.
		shard.remove();
	}
	const bytes = parts.reduce((sum, part) => sum + part.length, 0);
	const weightData = new Uint8Array(bytes);
	let at = 0;
	for (const part of parts) {
		weightData.set(part, at);
		at += part.length;
	}
	return {
		modelTopology: json.modelTopology,
		...(json.signature && { signature: json.signature }),
		weightSpecs: json.weightsManifest.flatMap(({ weights }) => weights),
		weightData: weightData.buffer,
	};
}

function bytesOf(base64: string): Uint8Array {
	const text = atob(base64);
	const bytes = new Uint8Array(text.length);
	for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
	return bytes;
}
