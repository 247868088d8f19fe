import type { CodeEntry } from "./entry.ts";

/** Errors about weights that are fetched: downloads, the Hugging Face Hub, weights.lock.json. */
export const weightsCodes: Readonly<Record<string, CodeEntry>> = {
	"weights-source": {
		title: "model.weights names neither a file, nor an address, nor the hub.",
		explanation:
			"On the Hugging Face Hub, weights are named by owner/repository, perhaps with a revision and a .safetensors file.",
		wrong: "weights: hf:resnet18",
		right: "weights: hf:timm/resnet18.a1_in1k@main/model.safetensors",
	},
	"weights-offline": {
		title: "The weights are not on this machine, and fetching is forbidden.",
		explanation:
			"GRAFT_OFFLINE=1 forbids every download, HF_HUB_OFFLINE=1 those from the Hugging Face Hub. Unset it once, or put the file where the message says.",
	},
	"weights-lock": {
		title: "The weights differ from what weights.lock.json says.",
		explanation:
			"weights.lock.json beside an experiment file holds the sha256 of weights that were fetched, so that the experiment means the same later. If other weights are meant, delete the entry; the next run writes it anew. Keep the file in git.",
	},
	"weights-lock-unwritable": {
		title: "weights.lock.json cannot be written beside the experiment file.",
		explanation:
			"The run goes on, but nothing holds the weights to what they are today.",
	},
	"download-denied": {
		title:
			"The server answers 401 or 403: it wants a login, or does not let this one in.",
		explanation:
			"For private and gated repositories of the Hugging Face Hub, set HF_TOKEN to a token that may read them. The hub answers so for names that do not exist, too.",
	},
	"download-not-found": {
		title: "The server has no such file.",
		explanation:
			"Look for a misspelt repository, revision, file or address in model.weights.",
		wrong: "weights: hf:timm/resnet18_a1_in1k",
		right: "weights: hf:timm/resnet18.a1_in1k",
	},
	"download-busy": {
		title: "The server had no time: 408, 429 or 5xx, several times.",
		explanation:
			"It was asked again after growing pauses, or as long as it said. Run again later: what was downloaded is kept.",
	},
	"download-broken": {
		title: "The connection failed, or the server said something unexpected.",
		explanation:
			"The message holds what happened. HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured; NODE_EXTRA_CA_CERTS names a file of further certificate authorities. Run again: what was downloaded is kept.",
	},
	"download-stalled": {
		title: "The download stood still.",
		explanation:
			"Nothing came for 60 seconds, several times; GRAFT_DOWNLOAD_TIMEOUT sets other seconds. Run again: what was downloaded is kept.",
	},
	"download-wrong": {
		title: "Other bytes came than were published.",
		explanation:
			"The sha256 or the length differs from what the file's name, the hub or weights.lock.json says, or a web page came. The bytes were thrown away.",
	},
	"weights-not-finite": {
		title: "A weight of the network is NaN or infinite.",
		explanation:
			"Whatever is computed with it is no number either. The file is damaged, or the training that made it had diverged and was saved nevertheless.",
	},
	"weights-family": {
		title: "The weights are Keras's, and Keras has no network of this name.",
		explanation:
			"A Keras or TensorFlow.js file serves networks that keras.applications and torchvision both have: vgg16, vgg19, resnet50, resnet101, resnet152, densenet121, mobilenet_v2, mobilenet_v3_small, mobilenet_v3_large, efficientnet_b0 to b4, convnext_tiny. They keep torchvision's layer names, and are padded, strided and preprocessed as Keras does it. Any other Keras model is exported to .onnx.",
		wrong: "backbone: resnet18\nweights: resnet50.keras",
		right: "backbone: resnet50\nweights: resnet50.keras",
	},
};
