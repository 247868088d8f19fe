import assert from "node:assert/strict";
import test from "node:test";
import {
	BadPickle,
	RefusedPickle,
} from "../../../src/model/weights/pth/faults.ts";
import { unpickle } from "../../../src/model/weights/pth/unpickle.ts";
import { bytes, u32, u64 } from "./files.ts";

/** What a pickle asks for → the pickle → the name in the refusal. */
const HOSTILE: readonly (readonly [string, Uint8Array, string])[] = [
	[
		"os.system by REDUCE",
		bytes("\x80\x02cos\nsystem\nX\x02\0\0\0id\x85R."),
		"os.system",
	],
	[
		"posix.system by STACK_GLOBAL",
		bytes("\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R."),
		"posix.system",
	],
	["os.system by INST", bytes("(S'id'\nios\nsystem\n."), "os.system"],
	["os.system by OBJ", bytes("(cos\nsystem\nS'id'\no."), "os.system"],
	[
		"a class by NEWOBJ",
		bytes("\x80\x02csubprocess\nPopen\n)\x81."),
		"subprocess.Popen",
	],
	["a class by NEWOBJ_EX", bytes("\x80\x04)}}\x92."), "NEWOBJ_EX"],
	[
		"builtins.eval",
		bytes("\x80\x02cbuiltins\neval\nX\x01\0\0\x001\x85R."),
		"builtins.eval",
	],
	[
		"builtins.getattr",
		bytes("\x80\x02c__builtin__\ngetattr\n."),
		"__builtin__.getattr",
	],
	[
		"a name with dots that climbs",
		bytes("\x80\x04\x8c\x0bcollections\x8c\x14OrderedDict.__init__\x93."),
		"collections.OrderedDict.__init__",
	],
	["torch.load", bytes("\x80\x02ctorch\nload\n."), "torch.load"],
	[
		"torch's other storages",
		bytes("\x80\x02ctorch\nComplexFloatStorage\n."),
		"torch.ComplexFloatStorage",
	],
	[
		"JavaScript's own names",
		bytes("\x80\x02ctorch\nconstructor\n."),
		"torch.constructor",
	],
	[
		"JavaScript's prototype",
		bytes("\x80\x02c__proto__\n__proto__\n."),
		"__proto__.__proto__",
	],
	[
		"numpy's rebuilding",
		bytes("\x80\x02cnumpy.core.multiarray\n_reconstruct\n."),
		"numpy.core.multiarray._reconstruct",
	],
	[
		"__setstate__ by BUILD on a list",
		bytes("\x80\x02]}b."),
		"a list.__setstate__",
	],
	[
		"__setstate__ by BUILD on a class",
		bytes("\x80\x02ccollections\nOrderedDict\n}b."),
		"collections.OrderedDict.__setstate__",
	],
	[
		"a state with slots by BUILD",
		bytes("\x80\x02}N}\x86b."),
		"a dict.__setstate__",
	],
	["a call of a text", bytes("\x80\x02X\x02\0\0\0id)R."), "a call of a string"],
	[
		"a call of a storage's type",
		bytes("\x80\x02ctorch\nFloatStorage\n)R."),
		"a call of torch.FloatStorage",
	],
	["an extension code", bytes("\x80\x02\x82\x01."), "extension registry"],
	["a persistent id", bytes("\x80\x02X\x01\0\0\0xQ."), "a persistent id"],
	["a persistent id as a line", bytes("Px\n."), "a persistent id"],
	["an out-of-band buffer", bytes("\x80\x05\x97."), "buffer"],
];

for (const [what, pickle, name] of HOSTILE)
	test(`a pickle that asks for ${what} is refused by name`, () => {
		assert.throws(
			() => unpickle(pickle),
			(error: unknown) => {
				assert.ok(error instanceof RefusedPickle, String(error));
				assert.ok(error.asked.includes(name), error.asked);
				return true;
			},
		);
	});

const BROKEN: readonly (readonly [string, Uint8Array, RegExp])[] = [
	["no end", bytes("\x80\x02}"), /ends at byte 3/],
	["nothing", bytes(), /ends at byte 0/],
	["an unknown instruction", bytes("\x80\x02\xff."), /0xff/],
	[
		"a text of 4 GB",
		bytes("\x80\x02X", u32(0xffffffff), "a."),
		/4294967295 more bytes/,
	],
	[
		"a text of 2^63 bytes",
		bytes("\x80\x04\x8d", u64(2n ** 63n), "a."),
		/more bytes/,
	],
	["bytes of 2^40", bytes("\x80\x04\x8e", u64(2n ** 40n), "a."), /more bytes/],
	["a number of 4 GB", bytes("\x80\x02\x8b", u32(0xffffffff), "."), /a number/],
	[
		"a number of 1,000,000 digits",
		bytes(`L${"9".repeat(1_000_000)}L\n.`),
		/no end/,
	],
	["a text that is not UTF-8", bytes("\x80\x02X\x01\0\0\0\xff."), /UTF-8/],
	["an empty stack", bytes("\x80\x02."), /empty stack/],
	["a tuple of nothing", bytes("\x80\x02\x87."), /empty stack/],
	["no mark", bytes("\x80\x02t."), /mark/],
	["an unknown memo", bytes("\x80\x02h\x07."), /not said/],
	[
		"appending to a number",
		bytes("\x80\x02K\x01K\x02a."),
		/appends to a number/,
	],
	["an item without a value", bytes("\x80\x02}(K\x01u."), /sets items/],
	[
		"a tensor on nothing",
		bytes("\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R."),
		/built on nothing/,
	],
	[
		"a parameter on a number",
		bytes("\x80\x02ctorch._utils\n_rebuild_parameter\nK\x01\x85R."),
		/built on a number/,
	],
	[
		"an OrderedDict of numbers",
		bytes("\x80\x02ccollections\nOrderedDict\n]K\x01a\x85R."),
		/pairs/,
	],
];

for (const [what, pickle, message] of BROKEN)
	test(`a pickle with ${what} is refused`, () => {
		assert.throws(
			() => unpickle(pickle),
			(error: unknown) => {
				assert.ok(error instanceof BadPickle, String(error));
				assert.match(error.message, message);
				return true;
			},
		);
	});

/** A tensor over a storage of 4 numbers. */
function tensor(offset: string, size: string, stride: string): Uint8Array {
	return bytes(
		`\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(NQ${offset}${size}${stride}\x89NtR.`,
	);
}

for (const [what, pickle] of [
	["reaches beyond its storage", tensor("K\x00", "K\x05\x85", "K\x01\x85")],
	["begins beyond its storage", tensor("K\x04", "K\x01\x85", "K\x01\x85")],
	[
		"steps beyond its storage",
		tensor("K\x00", "K\x02\x85", "J\xff\xff\xff\x7f\x85"),
	],
	[
		"has negative strides",
		tensor("K\x03", "K\x02\x85", "J\xff\xff\xff\xff\x85"),
	],
	[
		"has a negative offset",
		tensor("J\xff\xff\xff\xff", "K\x02\x85", "K\x01\x85"),
	],
	[
		"has fewer strides than sizes",
		tensor("K\x00", "K\x01K\x01\x86", "K\x01\x85"),
	],
	["has a text for a size", tensor("K\x00", "X\x01\0\0\0a\x85", "K\x01\x85")],
	[
		"has a size of 2^100",
		tensor("K\x00", `\x8a\x0d${"\0".repeat(12)}\x10\x85`, "K\x00\x85"),
	],
] as const)
	test(`a tensor that ${what} is refused`, () => {
		const storage = {
			kind: "storage",
			key: "0",
			dtype: "float32",
			size: 4,
		} as const;
		assert.throws(() => unpickle(pickle, () => storage), BadPickle);
		assert.ok(
			unpickle(tensor("K\x00", "K\x04\x85", "K\x01\x85"), () => storage),
		);
	});

test("a bomb of lists of lists takes no more memory than it has bytes", () => {
	const doubling = Array.from({ length: 200 }, (_, at) => {
		const last = bytes("h", at);
		return bytes("](", last, last, last, last, "eq", at + 1);
	});
	const { value } = unpickle(bytes("\x80\x02]q\0", ...doubling, "."));
	assert.equal((value as { kind: string }).kind, "list");
});

test("a list that holds itself, and a million marks, are no recursion", () => {
	assert.ok(unpickle(bytes("\x80\x02]q\x00h\x00a.")).value);
	const marks = bytes("(".repeat(1_000_000), "N.");
	assert.equal(unpickle(marks).value, null);
	const nested = bytes("]".repeat(500_000), "a".repeat(499_999), ".");
	assert.ok(unpickle(nested).value);
});

test("plain values of every protocol come out as Python has them", () => {
	const read = (...parts: readonly (string | Uint8Array)[]) =>
		unpickle(bytes(...parts)).value;
	assert.equal(read("I01\n."), true);
	assert.equal(read("I-5\n."), -5);
	assert.equal(read("L12L\n."), 12);
	assert.equal(read("F2.5\n."), 2.5);
	assert.equal(read("F-inf\n."), Number.NEGATIVE_INFINITY);
	assert.equal(read("S'it'\n."), "it");
	assert.equal(read("V\xc3\xa9\n."), "é");
	assert.equal(read("\x80\x02G?\xf0\0\0\0\0\0\0."), 1);
	assert.equal(read("\x80\x02\x8a\x02\x00\x80."), -32768);
	assert.equal(read("\x80\x02\x8a\x09\0\0\0\0\0\0\0\0\x01."), 2n ** 64n);
	assert.equal(read("\x80\x02J\xff\xff\xff\xff."), -1);
	assert.deepEqual(read("(lp0\nI1\na."), { kind: "list", items: [1] });
	assert.deepEqual(read("(I1\nI2\nd."), {
		kind: "dict",
		entries: new Map([[1, 2]]),
	});
	assert.deepEqual(read("\x80\x04\x95", u64(4), "K\x01K\x02\x86\x94h\0\x85."), {
		kind: "tuple",
		items: [{ kind: "tuple", items: [1, 2] }],
	});
});

test("a pickle of six million lists is refused before it fills the memory", () => {
	const lists = bytes("]".repeat(6_000_000), ".");
	assert.throws(() => unpickle(lists), /more values than any weights/);
});
