import type { CodeEntry } from "./entry.ts";

/** Errors that need the network, the weights or the photos. */
export const planCodes: Readonly<Record<string, CodeEntry>> = {
	"unknown-backbone": {
		title: "There is no network of this name.",
		explanation: "graft help backbone lists them.",
	},
	"unknown-layer": {
		title: "The network has no such layer.",
		explanation:
			"Layers have torchvision's names; graft plan lists them. In freeze, * stands for anything.",
		wrong: 'model: { backbone: vgg16, freeze: ["feature.*"] }',
		right: 'model: { backbone: vgg16, freeze: ["features.*"] }',
	},
	"unknown-tensor": {
		title: "The network has no such layer or tensor.",
		explanation:
			"graft plan lists the layers; an .onnx file's tensors have their own names.",
	},
	"open-cut": {
		title: "The network cannot be cut at this place.",
		explanation:
			"Other paths lead past it, as around the blocks of a residual network. Cut where all paths meet.",
	},
	"features-shape": {
		title: "What the network gives at features is no input for a head.",
		explanation:
			"A head takes a vector, or a feature map or tokens that global_pool makes one of.",
	},
	"replace-shape": {
		title: "The new layer does not fit what comes before it.",
		explanation: "Linear takes a vector.",
	},
	"class-weights": {
		title: "class_weights are not about the classes of the photos.",
		explanation:
			"A list has one number per class, in the order that graft plan shows; a map names classes as their folders are named.",
	},
	"head-size": {
		title:
			"The network ends with another count of numbers than there are classes.",
		explanation:
			"The last layer gives one number per class. A head fits by itself; a Linear in replace says out_features.",
		wrong: "replace: { classifier.6: { Linear: 3 } }   # cat, dog",
		right: "replace: { classifier.6: { Linear: 2 } }",
	},
	"input-size": {
		title:
			"The photos leave the transforms in a shape that the network does not take.",
		explanation:
			"All photos of a batch have one size, equal in both lists, and some networks take one size only. Resize with one number keeps each photo's shape, so a crop must follow.",
		wrong: "transforms: [Resize: 224, ToTensor, Normalize]",
		right: "transforms: [Resize: { size: [224, 224] }, ToTensor, Normalize]",
	},
	"normalization-missing": {
		title: "The transforms lack the Normalize that the weights expect.",
		explanation:
			"Photos that are not normalized as in pretraining cost accuracy without any other sign.",
		wrong: "transforms: [Resize: 256, CenterCrop: 224, ToTensor]",
		right: "transforms: [Resize: 256, CenterCrop: 224, ToTensor, Normalize]",
	},
	"normalization-contradicts-weights": {
		title:
			"Normalize has another mean or std than the weights were trained with.",
		explanation:
			"Write Normalize alone to take them from the weights, or override: true if the difference is meant.",
		wrong: "- Normalize: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }",
		right: "- Normalize",
	},
	"unsupported-op": {
		title:
			"The part that trains holds an operator that this version cannot train.",
		explanation:
			"Freeze these layers too, so that onnxruntime computes them once per photo.",
	},
	"weights-missing": {
		title: "The weights file is not there.",
		explanation:
			"check and plan go on without it; run needs it. The message says where it is looked for and how to get it.",
	},
	"weights-not-here": {
		title: "The weights are not on this machine yet.",
		explanation:
			"check, plan and all that only looks go on without them; graft run fetches them once nothing else is wrong with the file, keeps them in the cache folder, and pins them in weights.lock.json. Without a network, put the file where the message says.",
	},
	"weights-unreadable": {
		title: "The weights file cannot be read.",
		explanation:
			"It is damaged, cut off, or in another format than .safetensors, model.safetensors.index.json, PyTorch's .pth (torch.save, both formats), Keras's .h5 and .keras and TensorFlow.js's model.json.",
	},
	"weights-pickle": {
		title: "The .pth file asks for something that no file of weights needs.",
		explanation:
			"A .pth file is a Python pickle, which can name any Python function. Graft builds tensors, dicts, lists and plain values from it, and refuses everything else by its name; nothing of the file is ever run. Mostly a whole model, an optimizer of one's own or argparse's arguments were saved along: save the state_dict alone. A file that asks for os.system, eval or the like is an attack: do not load it in Python.",
		wrong: 'torch.save(model, "weights.pth")',
		right: 'torch.save(model.state_dict(), "weights.pth")',
	},
	"weights-renamed": {
		title: "The weights were found inside a checkpoint, or under longer names.",
		explanation:
			"A state_dict under state_dict, model_state_dict or model is taken from there; the prefixes module. (DataParallel) and _orig_mod. (torch.compile) are left out where every name has them. Nothing needs to be done: it is said because another part of the file might have been meant.",
	},
	"weights-changed": {
		title: "The weights file has another sha256 than it should.",
		explanation: "It is damaged or another version. Fetch it again.",
	},
	"weights-mismatch": {
		title: "The weights belong to another network.",
		explanation: "Names or shapes of the tensors differ.",
	},
	"weights-dtype": {
		title: "The weights have a number type that cannot be trained.",
		explanation: "Trainable tensors are float32.",
	},
	"onnx-unreadable": {
		title: "The .onnx file cannot be read.",
		explanation: "It is damaged, cut off, or no ONNX model.",
	},
	"onnx-external-data": {
		title:
			"The .onnx file keeps its weights in another file that is not there.",
		explanation: "Keep both files side by side, or save the model in one file.",
	},
	"onnx-unsupported": {
		title: "The .onnx file holds something that Graft does not take.",
		explanation:
			"The message names it: several inputs, another layout than NCHW, an unknown operator.",
	},
	"model-too-large": {
		title: "The network is larger than an ONNX file may be.",
		explanation: "ONNX files end at 2 GB.",
	},
	"model-unsupported": {
		title: "onnxruntime cannot run the network.",
		explanation: "The message holds what onnxruntime said.",
	},
	"group-learns-nothing": {
		title: "A parameter group is made of frozen layers.",
		explanation:
			"A learning rate for what is frozen changes nothing; either freeze or the group was meant otherwise.",
		wrong:
			"model: { backbone: resnet18, freeze: all }\ntrain: { parameter_groups: [{ layers: [layer4], lr_scale: 0.1 }] }",
		right:
			"model: { backbone: resnet18, freeze: { until: layer3 } }\ntrain: { parameter_groups: [{ layers: [layer4], lr_scale: 0.1 }] }",
	},
	"layer-in-two-groups": {
		title: "Two parameter groups claim the same layer.",
		explanation:
			"Each parameter has one learning rate and one weight decay, so a layer belongs to one group.",
		wrong:
			"train: { parameter_groups: [{ layers: [layer4], lr_scale: 0.1 }, { layers: [layer4.1], lr_scale: 0.5 }] }",
		right:
			"train: { parameter_groups: [{ layers: [layer4.0], lr_scale: 0.1 }, { layers: [layer4.1], lr_scale: 0.5 }] }",
	},
	"ema-too-slow": {
		title: "The average of the weights hardly moves in so few steps.",
		explanation:
			"After n steps an average with this decay still holds decay^n of the first step's weights. A smaller decay, or warmup, which begins with a small one, helps. A warning.",
		wrong: "train: { epochs: 5, ema: { decay: 0.9999 } }",
		right: "train: { epochs: 5, ema: { decay: 0.9, warmup: true } }",
	},
	"suffix-on-wasm": {
		title: "Convolutions train on wasm.",
		explanation:
			"wasm computes on one thread, and the gradients of convolutions are made of other operations there. It works, and takes long; graft setup native brings TensorFlow. A warning.",
	},
};
