import { type Cursor, cursorOf, narrowed } from "./cursor.ts";
import { BadPickle, RefusedPickle } from "./faults.ts";
import { findGlobal } from "./globals.ts";
import {
	describe,
	isKind,
	type PickleValue,
	type PyCallable,
} from "./values.ts";

/**
 * Python's pickle machine (Lib/pickletools.py, protocols 0 to 5), restricted: it builds plain data, containers and
 * tensors. What it may call stands in globals.ts; anything else is refused by its name before it would be called.
 * A stack machine without recursion: time and memory are bounded by the pickle's length.
 */
export interface Unpickled {
	readonly value: PickleValue;
	/** One past the pickle's last byte. */
	readonly end: number;
}

/** What stands for a persistent id: in torch's files, a storage. */
export type PersistentLoad = (id: PickleValue) => PickleValue;

interface Machine {
	readonly cursor: Cursor;
	stack: PickleValue[];
	/** Stacks below the marks. */
	readonly marks: PickleValue[][];
	readonly memo: Map<number, PickleValue>;
	readonly load: PersistentLoad;
}

/** @param start of the pickle in `bytes`. @throws BadPickle, RefusedPickle. */
export function unpickle(
	bytes: Uint8Array,
	load: PersistentLoad = () => {
		throw new RefusedPickle("a persistent id");
	},
	start = 0,
): Unpickled {
	const cursor = cursorOf(bytes, start);
	const machine: Machine = {
		cursor,
		stack: [],
		marks: [],
		memo: new Map(),
		load,
	};
	for (let steps = 0; steps < MAX_STEPS; steps++) {
		const at = cursor.position();
		const code = cursor.u8();
		if (code === STOP) return { value: pop(machine), end: cursor.position() };
		const step = STEPS.get(code);
		if (step === undefined)
			throw new BadPickle(
				`byte ${at} of its pickle is 0x${code.toString(16).padStart(2, "0")}, which is no instruction`,
			);
		step(machine, cursor);
	}
	throw new BadPickle("its pickle holds more values than any weights");
}

/** A tensor takes about 25; each step makes at most one value, so this bounds the memory. */
const MAX_STEPS = 5_000_000;

type Step = (machine: Machine, cursor: Cursor) => void;

const STOP = 0x2e;

function pop(machine: Machine): PickleValue {
	const value = machine.stack.pop();
	if (value === undefined)
		throw new BadPickle("its pickle takes from an empty stack");
	return value;
}

function top(machine: Machine): PickleValue {
	const value = machine.stack.at(-1);
	if (value === undefined)
		throw new BadPickle("its pickle looks at an empty stack");
	return value;
}

/** All since the last mark. */
function popMark(machine: Machine): PickleValue[] {
	const items = machine.stack;
	const below = machine.marks.pop();
	if (below === undefined) throw new BadPickle("its pickle lacks a mark");
	machine.stack = below;
	return items;
}

const push =
	(make: (cursor: Cursor, machine: Machine) => PickleValue): Step =>
	(machine, cursor) => {
		// The stack may be another one after `make`.
		const value = make(cursor, machine);
		machine.stack.push(value);
	};

const put =
	(index: (cursor: Cursor, machine: Machine) => number): Step =>
	(machine, cursor) =>
		void machine.memo.set(index(cursor, machine), top(machine));

const get = (index: (cursor: Cursor) => number): Step =>
	push((cursor, { memo }) => {
		const value = memo.get(index(cursor));
		if (value === undefined)
			throw new BadPickle("its pickle repeats what it has not said");
		return value;
	});

const refuse =
	(name: string): Step =>
	() => {
		throw new RefusedPickle(name);
	};

const tuple = (count: number): Step =>
	push((_, machine) => {
		const items = Array.from({ length: count }, () => pop(machine)).reverse();
		return { kind: "tuple", items };
	});

function append(machine: Machine, items: readonly PickleValue[]): void {
	const list = top(machine);
	if (!isKind(list, "list"))
		throw new BadPickle(`its pickle appends to ${describe(list)}`);
	for (const item of items) list.items.push(item);
}

function setItems(machine: Machine, items: readonly PickleValue[]): void {
	const dict = top(machine);
	if (!isKind(dict, "dict") || items.length % 2 !== 0)
		throw new BadPickle(`its pickle sets items of ${describe(dict)}`);
	for (let at = 0; at < items.length; at += 2)
		dict.entries.set(items[at] as PickleValue, items[at + 1] as PickleValue);
}

function dictOf(items: readonly PickleValue[]): PickleValue {
	const machine = { stack: [{ kind: "dict", entries: new Map() }] };
	setItems(machine as unknown as Machine, items);
	return machine.stack[0] as PickleValue;
}

function call(callee: PickleValue, args: PickleValue): PickleValue {
	if (!isKind(callee, "callable") || callee.call === undefined)
		throw new RefusedPickle(`a call of ${describe(callee)}`);
	if (!isKind(args, "tuple"))
		throw new BadPickle("its pickle calls without a tuple");
	return callee.call(args.items);
}

function reduce(machine: Machine): PickleValue {
	const args = pop(machine);
	return call(pop(machine), args);
}

/** `obj.__setstate__(state)`: an OrderedDict's attributes (state_dict's `_metadata`) are passed over, all else is refused. */
function build(machine: Machine): void {
	const state = pop(machine);
	const target = top(machine);
	if (!isKind(target, "dict") || !(state === null || isKind(state, "dict")))
		throw new RefusedPickle(`${describe(target)}.__setstate__`);
}

function global(cursor: Cursor): PyCallable {
	const module = cursor.line();
	return findGlobal(module, cursor.line());
}

function stackGlobal(machine: Machine): PyCallable {
	const name = pop(machine);
	const module = pop(machine);
	if (typeof name !== "string" || typeof module !== "string")
		throw new BadPickle("its pickle asks for a name that is no text");
	return findGlobal(module, name);
}

/** INT: "01" and "00" are True and False. */
function decimal(line: string): PickleValue {
	if (line === "01") return true;
	if (line === "00") return false;
	const digits = line.replace(/L$/, "");
	if (!/^[+-]?\d+$/.test(digits))
		throw new BadPickle(`"${line.slice(0, 40)}" is no number`);
	return narrowed(BigInt(digits.replace(/^\+/, "")));
}

function real(line: string): number {
	const value = Number(line.replace(/inf/i, "Infinity"));
	if (line.trim() === "" || (Number.isNaN(value) && !/nan/i.test(line)))
		throw new BadPickle(`"${line.slice(0, 40)}" is no number`);
	return value;
}

/** STRING: a Python 2 text in quotes; names of tensors need no escapes. */
function quoted(line: string): string {
	const [, , inner] = /^(['"])(.*)\1$/.exec(line) ?? [];
	if (inner === undefined) throw new BadPickle("a text has no quotes");
	return inner;
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

/** The instructions by their bytes (pickletools.opcodes). */
const STEPS: ReadonlyMap<number, Step> = new Map<number, Step>([
	[0x80, (_, c) => void c.u8()], // PROTO
	[0x95, (_, c) => void c.u64()], // FRAME
	[
		0x28,
		(m) => {
			m.marks.push(m.stack);
			m.stack = [];
		},
	], // MARK
	[0x30, (m) => void (m.stack.length > 0 ? pop(m) : popMark(m))], // POP
	[0x31, (m) => void popMark(m)], // POP_MARK
	[0x32, push((_, m) => top(m))], // DUP
	[0x4e, push(() => null)], // NONE
	[0x88, push(() => true)], // NEWTRUE
	[0x89, push(() => false)], // NEWFALSE
	[0x49, push((c) => decimal(c.line()))], // INT
	[0x4a, push((c) => c.i32())], // BININT
	[0x4b, push((c) => c.u8())], // BININT1
	[0x4d, push((c) => c.u16())], // BININT2
	[0x4c, push((c) => decimal(c.line()))], // LONG
	[0x8a, push((c) => c.long(c.u8()))], // LONG1
	[0x8b, push((c) => c.long(c.u32()))], // LONG4
	[0x46, push((c) => real(c.line()))], // FLOAT
	[0x47, push((c) => c.float64())], // BINFLOAT
	[0x53, push((c) => quoted(c.line()))], // STRING
	[0x54, push((c) => latin1(c.take(c.u32())))], // BINSTRING
	[0x55, push((c) => latin1(c.take(c.u8())))], // SHORT_BINSTRING
	[0x56, push((c) => c.line())], // UNICODE
	[0x58, push((c) => c.text(c.u32()))], // BINUNICODE
	[0x8c, push((c) => c.text(c.u8()))], // SHORT_BINUNICODE
	[0x8d, push((c) => c.text(c.u64()))], // BINUNICODE8
	[0x42, push((c) => c.take(c.u32()))], // BINBYTES
	[0x43, push((c) => c.take(c.u8()))], // SHORT_BINBYTES
	[0x8e, push((c) => c.take(c.u64()))], // BINBYTES8
	[0x5d, push(() => ({ kind: "list", items: [] }))], // EMPTY_LIST
	[0x6c, push((_, m) => ({ kind: "list", items: popMark(m) }))], // LIST
	[0x61, (m) => append(m, [pop(m)])], // APPEND
	[0x65, (m) => append(m, popMark(m))], // APPENDS
	[0x29, push(() => ({ kind: "tuple", items: [] }))], // EMPTY_TUPLE
	[0x74, push((_, m) => ({ kind: "tuple", items: popMark(m) }))], // TUPLE
	[0x85, tuple(1)], // TUPLE1
	[0x86, tuple(2)], // TUPLE2
	[0x87, tuple(3)], // TUPLE3
	[0x7d, push(() => ({ kind: "dict", entries: new Map() }))], // EMPTY_DICT
	[0x64, push((_, m) => dictOf(popMark(m)))], // DICT
	[
		0x73,
		(m) => {
			const value = pop(m);
			setItems(m, [pop(m), value]);
		},
	], // SETITEM
	[0x75, (m) => setItems(m, popMark(m))], // SETITEMS
	[0x63, push((c) => global(c))], // GLOBAL
	[0x93, push((_, m) => stackGlobal(m))], // STACK_GLOBAL
	[0x52, push((_, m) => reduce(m))], // REDUCE
	[0x81, push((_, m) => reduce(m))], // NEWOBJ
	[0x62, build], // BUILD
	[
		0x69,
		(_, c) => {
			const { name } = global(c);
			throw new RefusedPickle(`an instance of ${name}`);
		},
	], // INST
	[0x6f, refuse("an object that is built by OBJ")], // OBJ
	[0x92, refuse("an object that is built by NEWOBJ_EX")], // NEWOBJ_EX
	[0x50, push((c, m) => m.load(c.line()))], // PERSID
	[0x51, push((_, m) => m.load(pop(m)))], // BINPERSID
	[0x70, put((c) => Number(c.line()))], // PUT
	[0x71, put((c) => c.u8())], // BINPUT
	[0x72, put((c) => c.u32())], // LONG_BINPUT
	[0x94, put((_, m) => m.memo.size)], // MEMOIZE
	[0x67, get((c) => Number(c.line()))], // GET
	[0x68, get((c) => c.u8())], // BINGET
	[0x6a, get((c) => c.u32())], // LONG_BINGET
	[0x82, refuse("an entry of copyreg's extension registry")], // EXT1
	[0x83, refuse("an entry of copyreg's extension registry")], // EXT2
	[0x84, refuse("an entry of copyreg's extension registry")], // EXT4
	[0x8f, refuse("builtins.set")], // EMPTY_SET
	[0x90, refuse("builtins.set")], // ADDITEMS
	[0x91, refuse("builtins.frozenset")], // FROZENSET
	[0x96, refuse("builtins.bytearray")], // BYTEARRAY8
	[0x97, refuse("an out-of-band buffer")], // NEXT_BUFFER
	[0x98, refuse("an out-of-band buffer")], // READONLY_BUFFER
]);
