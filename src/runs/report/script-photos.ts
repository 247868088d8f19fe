/** The page's dialog with photos and its heat maps. Part of its script. */
export const PHOTOS_SCRIPT = `// The photos behind a cell, a pair or a class.
const data = JSON.parse(document.getElementById("photo-data").textContent);
const pictures = new Map(data.pictures.map(([path, ...picture]) => [path, picture]));
const maps = new Map(data.heat.map(([path, ...map]) => [path, map]));
const dialog = document.getElementById("photos");
const className = (index) => data.classNames[index] ?? "class " + index;
const element = (tag, name, ...children) => {
	const made = document.createElement(tag);
	if (name) made.className = name;
	made.append(...children);
	return made;
};
const isolated = (text) => {
	const made = element("bdi", "", text);
	made.title = text;
	return made;
};
// A line may break after a separator, as in the pictures of the page.
const breakable = (path) => element("bdi", "", ...path.split(/(?<=[/_.\\s-])/).flatMap((part) => [part, document.createElement("wbr")]));
const percent = (share) => (share === null || share === undefined ? "" : " " + share + " %");
const onPage = new Map(all("img[data-photo]").map((image) => [image.dataset.photo, image]));
const picture = (path, alt) => {
	const there = onPage.get(path);
	const [source, inset] = there ? [there.src, there.parentElement.style.inset] : (pictures.get(path) ?? []);
	if (source === undefined) return element("span", "quiet", "no picture");
	const image = element("img");
	image.src = source;
	image.alt = alt;
	image.dataset.photo = path;
	const place = element("span", "picture", image);
	place.style.inset = inset;
	return place;
};
const names = (classes) => (classes.length === 0 ? "no class" : classes.map(className).join(", "));
const photoCard = (path, alt, right, said, truth) => {
	const verdict = element("p", data.isMulti ? "verdict several" : "verdict", element("span", right ? "said right" : "said", ...said));
	if (truth) verdict.append(element("span", "truth", ...truth));
	return element("li", "photo", element("div", "frame", picture(path, alt)), verdict, element("p", "path", breakable(path)));
};
const oneCard = ([path, truth, said, sure, truthSure]) => {
	const right = truth === said;
	const alt = className(truth) + (right ? "" : ", taken for " + className(said));
	return photoCard(path, alt, right, [isolated(className(said)), percent(sure)], right ? undefined : ["is ", isolated(className(truth)), percent(truthSure)]);
};
// Of several labels a photo, the class that was asked for has its per cent.
const severalCard = (about) => ([path, truth, said, truthSure, saidSure]) => {
	const at = truth.indexOf(about) >= 0 ? truthSure[truth.indexOf(about)] : saidSure[said.indexOf(about)];
	const right = truth.includes(about) === said.includes(about);
	return photoCard(path, names(truth) + ", said to be " + names(said), right, [isolated(className(about)), percent(at)], ["is ", isolated(names(truth))]);
};
// groups: what each is called, its photos, and how many there are of it.
const openPhotos = (title, groups, card) => {
	const filled = groups.filter(({ total }) => total > 0);
	dialog.querySelector("h2").replaceChildren(...title);
	document.getElementById("photos-groups").replaceChildren(...filled.flatMap(({ name, photos, total }) => {
		const list = element("ul", "photos", ...photos.map(card));
		const rest = photos.length < total ? [element("p", "quiet", (photos.length === 0 ? "None" : "The " + photos.length + " least sure") + " of " + total + " here; predictions.jsonl holds all.")] : [];
		return name ? [element("h3", "group", name + " "  + "(" + total + ")"), list, ...rest] : [list, ...rest];
	}));
	applyHeat();
	dialog.showModal();
	dialog.scrollTop = 0;
};
const openPair = (place, total) => {
	const [truth, said] = place.split(",").map(Number);
	const photos = data.photos.filter((photo) => photo[1] === truth && photo[2] === said);
	const title = [total + (total === 1 ? " photo of " : " photos of "), isolated(className(truth)), truth === said ? ", rightly named" : " taken for "];
	if (truth !== said) title.push(isolated(className(said)));
	openPhotos(title, [{ photos, total }], oneCard);
};
const openClass = (index, totals) => {
	const has = ([, truth]) => (data.isMulti ? truth.includes(index) : truth === index);
	const says = ([, , said]) => (data.isMulti ? said.includes(index) : said === index);
	const groups = [
		["missed", (photo) => has(photo) && !says(photo)],
		["wrongly said to be it", (photo) => !has(photo) && says(photo)],
		["found", (photo) => has(photo) && says(photo)],
	].map(([name, belongs], at) => ({ name, photos: data.photos.filter(belongs).slice(0, 200), total: totals[at] }));
	openPhotos(["Photos of ", isolated(className(index))], groups, data.isMulti ? severalCard(index) : oneCard);
};
for (const cell of cells) cell.addEventListener("click", () => { makeStop(cell); openPair(cell.dataset.cell, Number(cell.textContent)); });
for (const pair of all("button[data-open]")) pair.addEventListener("click", () => openPair(pair.dataset.open, Number(pair.dataset.total)));
for (const one of all("button[data-class]")) one.addEventListener("click", () => openClass(Number(one.dataset.class), one.dataset.totals.split(",").map(Number)));
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

// Heat maps: one switch for all photos, wherever it is pressed.
const switches = all("button[data-heat]");
let isHot = false;
const applyHeat = () => {
	for (const button of switches) button.setAttribute("aria-pressed", String(isHot));
	document.documentElement.classList.toggle("hot", isHot);
	if (!isHot) return;
	for (const image of all("img[data-photo]")) {
		const map = maps.get(image.dataset.photo);
		if (map === undefined || image.nextElementSibling) continue;
		const [source, left = 0, top = 0, width = 1, height = 1] = map;
		const over = element("img", width < 1 || height < 1 ? "heat part" : "heat");
		over.src = source;
		over.alt = "";
		Object.assign(over.style, { left: left * 100 + "%", top: top * 100 + "%", width: width * 100 + "%", height: height * 100 + "%" });
		image.after(over);
	}
};
for (const button of switches) {
	button.hidden = false;
	button.addEventListener("click", () => { isHot = !isHot; applyHeat(); });
}
`;
