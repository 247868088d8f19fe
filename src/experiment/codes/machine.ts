import type { CodeEntry } from "./entry.ts";

/** Errors of the machine: devices, and what graft setup brings. */
export const machineCodes: Readonly<Record<string, CodeEntry>> = {
	"device-missing": {
		title: "The device that is asked for cannot be used here.",
		explanation:
			"The message names what is missing, the fix the command that mends it; graft doctor shows all. device: auto takes the best that is there.",
		wrong: "device: gpu",
		right: "device: auto",
	},
	"native-unsupported": {
		title: "TensorFlow cannot be set up on this kind of machine.",
		explanation:
			"graft setup native builds on Linux x64 with glibc. Elsewhere the wasm backend trains, or a tfjs-node that was installed by npm.",
	},
	"native-needs": {
		title: "A program that graft setup needs is missing.",
		explanation: "The message names all of them, the fix how to get each.",
	},
	"native-disk": {
		title: "The disk has too little room for TensorFlow.",
		explanation: "GRAFT_NATIVE names a folder on another disk.",
	},
	"native-download": {
		title: "npm or pip could not download what graft setup needs.",
		explanation:
			"They ask the registries they are set up with. What has come of a wheel is kept, and the same command goes on where it broke off.",
	},
	"native-wrong-hash": {
		title: "The index sent another file than the one Graft knows.",
		explanation:
			"Wheels are pinned by sha256. A mirror may hold a build of its own.",
	},
	"native-unpack": {
		title: "A wheel could not be unpacked.",
		explanation: "The disk may be full. The same command goes on.",
	},
	"native-compile": {
		title: "The addon did not compile.",
		explanation:
			"It takes a compiler that knows C++17; CXX names one. Its own words are shown.",
	},
	"native-broken": {
		title: "The native backend was built but does not work.",
		explanation:
			"It is loaded and computes with in a process of its own, whose words are shown.",
	},
	"native-foreign": {
		title: "The folder for the native backend holds something else.",
		explanation: "Graft neither overwrites nor removes what it did not make.",
	},
};
