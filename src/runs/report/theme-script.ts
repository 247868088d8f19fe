/** The theme button of every page, part of its script: what follows the system, then light, then dark; remembered where it may be. */
export const THEME_SCRIPT = `// Theme: auto follows the system, then light, then dark.
const themes = ["auto", "light", "dark"];
const button = document.getElementById("theme");
const remember = (theme) => { try { localStorage.setItem("graft-theme", theme); } catch {} };
const recall = () => { try { return localStorage.getItem("graft-theme"); } catch { return null; } };
const setTheme = (theme) => {
	if (theme === "auto") delete document.documentElement.dataset.theme;
	else document.documentElement.dataset.theme = theme;
	button.textContent = "theme: " + theme;
};
let theme = themes.includes(recall()) ? recall() : "auto";
setTheme(theme);
button.addEventListener("click", () => {
	theme = themes[(themes.indexOf(theme) + 1) % themes.length];
	setTheme(theme);
	remember(theme);
});
`;
