import type { FloatImage } from "../../../data/types.ts";
import type { Answer } from "./classify.ts";
import { document, type El, element } from "./dom.ts";

/** What the reader sees of an answer. */

/** Classes that stand open; the rest is folded. */
const SHOWN = 5;

/** How scores are read. */
export interface Reading {
	readonly classNames: readonly string[];
	readonly isMultiLabel: boolean;
}

/** "97.1 %", or a margin with three decimals. */
export function scoreText(score: number, isProbability: boolean): string {
	return isProbability ? `${(100 * score).toFixed(1)} %` : score.toFixed(3);
}

/** The class, or for photos with several labels all above one half. */
export function verdictOf(answer: Answer, reading: Reading): string {
	const { scores, isProbability } = answer;
	const { classNames, isMultiLabel } = reading;
	if (isMultiLabel) {
		const said = classNames.filter(
			(_, index) => (scores[index] ?? 0) > (isProbability ? 0.5 : 0),
		);
		return said.length === 0 ? "none of the classes" : said.join(", ");
	}
	return classNames[scores.indexOf(Math.max(...scores))] ?? "nothing";
}

/** A card: the photo as the network saw it, the verdict, a bar a class. */
export function answerCard(
	answer: Answer,
	reading: Reading,
	backend: string,
): El {
	const { name, seen, scores, isProbability, milliseconds } = answer;
	const verdict = verdictOf(answer, reading);
	const order = scores
		.map((score, index) => ({ score, index }))
		.sort((a, b) => b.score - a.score);
	const best = order[0]?.score ?? 0;
	const least = order.at(-1)?.score ?? 0;
	const bar = ({ score, index }: (typeof order)[number], rank: number) =>
		barOf(
			reading.classNames[index] ?? `class ${index}`,
			scoreText(score, isProbability),
			// Margins have no end: the bars go from the least to the best.
			isProbability ? score : (score - least) / Math.max(1e-9, best - least),
			reading.isMultiLabel ? score > (isProbability ? 0.5 : 0) : rank === 0,
		);
	const said = element("p", "said", element("b", "", verdict));
	if (!reading.isMultiLabel)
		said.append(" ", element("span", "", scoreText(best, isProbability)));
	const text = element(
		"div",
		"text",
		element("h3", "name", element("bdi", "", name)),
		said,
		element("ol", "bars", ...order.slice(0, SHOWN).map(bar)),
	);
	if (order.length > SHOWN)
		text.append(
			element(
				"details",
				"",
				element("summary", "", `${order.length - SHOWN} more`),
				element(
					"ol",
					"bars",
					...order.slice(SHOWN).map((each, index) => bar(each, index + SHOWN)),
				),
			),
		);
	text.append(
		element(
			"p",
			"quiet",
			`${Math.round(milliseconds)} ms with ${backend}, decoding and resizing included`,
		),
	);
	const card = element("article", "card", figureOf(seen, name), text);
	card.dataset.name = name;
	card.dataset.scores = JSON.stringify(scores);
	return card;
}

/** A card for a photo that could not be read. */
export function failureCard(name: string, reason: string): El {
	const card = element(
		"article",
		"card failed",
		element("div", "frame"),
		element(
			"div",
			"text",
			element("h3", "name", element("bdi", "", name)),
			element("p", "reason", reason),
		),
	);
	card.dataset.name = name;
	return card;
}

function barOf(
	className: string,
	number: string,
	share: number,
	isSaid: boolean,
): El {
	const fill = element("span", "");
	fill.style.setProperty("--share", String(Math.min(1, Math.max(0, share))));
	const track = element("span", "track", fill);
	track.setAttribute("aria-hidden", "true");
	const label = element("bdi", "class", className);
	label.title = className;
	return element(
		...(["li", isSaid ? "is-said" : ""] as const),
		label,
		track,
		element("span", "number", number),
	);
}

function figureOf(seen: FloatImage, name: string): El {
	const { data, height, width } = seen;
	const canvas = document.createElement("canvas");
	canvas.width = width;
	canvas.height = height;
	canvas.setAttribute("role", "img");
	canvas.setAttribute("aria-label", `${name} as the network sees it`);
	// A few pixels enlarged are shown as they are.
	if (width < 160) canvas.className = "few";
	const pen = canvas.getContext("2d");
	const area = pen?.createImageData(width, height);
	if (pen && area) {
		const plane = height * width;
		const isGrey = data.length === plane;
		for (let at = 0; at < plane; at++) {
			for (let channel = 0; channel < 3; channel++)
				area.data[4 * at + channel] =
					255 * (data[(isGrey ? 0 : channel) * plane + at] as number);
			area.data[4 * at + 3] = 255;
		}
		pen.putImageData(area, 0, 0);
	}
	return element(
		"figure",
		"frame",
		canvas,
		element(
			"figcaption",
			"quiet",
			`as the network sees it, ${width}×${height}`,
		),
	);
}
