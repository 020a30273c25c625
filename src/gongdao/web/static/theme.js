// Runs before the first paint: the page follows the light or dark setting of the system.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
function paint() {
  document.documentElement.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
}
dark.addEventListener("change", paint);
paint();
