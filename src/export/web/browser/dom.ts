/**
 * The little of the browser that the page's script uses. Declared here, for TypeScript's own "dom" would put the
 * names of every browser into all of Graft.
 */
export interface El {
	readonly dataset: Record<string, string | undefined>;
	readonly style: { setProperty(name: string, value: string): void };
	readonly classList: {
		toggle(name: string, on: boolean): void;
		remove(name: string): void;
	};
	className: string;
	textContent: string;
	hidden: boolean;
	title: string;
	tabIndex: number;
	append(...children: readonly (El | string)[]): void;
	prepend(...children: readonly (El | string)[]): void;
	replaceChildren(...children: readonly (El | string)[]): void;
	setAttribute(name: string, value: string): void;
	addEventListener(type: string, listen: (event: UserEvent) => void): void;
	click(): void;
	focus(): void;
	remove(): void;
}

/** Drops, pastes, clicks: the parts of them that are read. */
export interface UserEvent {
	preventDefault(): void;
	readonly dataTransfer?: Transfer | null;
	readonly clipboardData?: Transfer | null;
	readonly relatedTarget?: unknown;
}

interface Transfer {
	readonly files: ArrayLike<Photo>;
	readonly types: readonly string[];
	dropEffect?: string;
}

/** A file that was chosen. */
export interface Photo extends Blob {
	readonly name: string;
}

export interface FileInput extends El {
	readonly files: ArrayLike<Photo> | null;
	value: string;
}

export interface Bitmap {
	readonly width: number;
	readonly height: number;
	close(): void;
}

interface PixelArea {
	readonly data: Uint8ClampedArray;
}

export interface Pen {
	drawImage(bitmap: Bitmap, x: number, y: number): void;
	getImageData(x: number, y: number, w: number, h: number): PixelArea;
	putImageData(area: PixelArea, x: number, y: number): void;
	createImageData(w: number, h: number): PixelArea;
}

/** The part of WebGL that reads a picture back. */
export interface Gl {
	readonly TEXTURE_2D: number;
	readonly RGBA: number;
	readonly UNSIGNED_BYTE: number;
	readonly FRAMEBUFFER: number;
	readonly COLOR_ATTACHMENT0: number;
	readonly FRAMEBUFFER_COMPLETE: number;
	createTexture(): object;
	bindTexture(target: number, texture: object): void;
	texImage2D(
		...args: readonly [number, number, number, number, number, Bitmap]
	): void;
	createFramebuffer(): object;
	bindFramebuffer(target: number, buffer: object): void;
	framebufferTexture2D(
		...args: readonly [number, number, number, object, number]
	): void;
	checkFramebufferStatus(target: number): number;
	readPixels(
		...args: readonly [
			number,
			number,
			number,
			number,
			number,
			number,
			Uint8Array,
		]
	): void;
	readonly RENDERER: number;
	getParameter(name: number): unknown;
	getExtension(name: string): {
		readonly UNMASKED_RENDERER_WEBGL?: number;
		loseContext?(): void;
	} | null;
}

export interface Canvas extends El {
	width: number;
	height: number;
	getContext(kind: "2d", options?: object): Pen | null;
	getContext(kind: "webgl2", options?: object): Gl | null;
}

interface Globals {
	readonly document: {
		readonly body: El;
		createElement(name: "canvas"): Canvas;
		createElement(name: string): El;
		getElementById(id: string): El | null;
		querySelectorAll(selector: string): Iterable<El & { open?: boolean }>;
		addEventListener(type: string, listen: (event: UserEvent) => void): void;
	};
	readonly location: {
		readonly protocol: string;
		readonly search: string;
		readonly href: string;
	};
	readonly createImageBitmap: (
		source: Blob,
		options: object,
	) => Promise<Bitmap>;
	readonly requestAnimationFrame: (next: () => void) => void;
	readonly addEventListener: (type: string, listen: () => void) => void;
}

export const { document, location, createImageBitmap, requestAnimationFrame } =
	globalThis as unknown as Globals;

/** What happens to the whole page. */
export const onPage = (globalThis as unknown as Globals).addEventListener;

/** @throws where the page lacks it. */
export function byId(id: string): El {
	const found = document.getElementById(id);
	if (found === null) throw new Error(`internal: the page has no ${id}`);
	return found;
}

/** An element with a class and children; texts are set as text, never as markup. */
export function element(
	tag: string,
	className: string,
	...children: readonly (El | string)[]
): El {
	const made = document.createElement(tag);
	if (className !== "") made.className = className;
	made.append(...children);
	return made;
}
