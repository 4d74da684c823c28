// Compiles the style sheet, bundles the few scripts of govuk-frontend that we use, and copies the vendored files.
// Run: npm install --no-package-lock && npm run build
import { execFileSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compile } from "sass";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const font = "node_modules/@fontsource-variable/atkinson-hyperlegible-next";

const { css } = compile(here("sass/app.scss"), {
  style: "compressed",
  loadPaths: [here("node_modules")],
  quietDeps: true,
});
// Colours that govuk-frontend fixes at compile time become ours, so that the dark theme reaches them too.
const recoloured = {
  "#1d70b8": "var(--brand)",
  "#d2e2f1": "var(--tint)",
  "#f3f3f3": "var(--tint)",
  "#cecece": "var(--rule)",
  "#858686": "var(--border)",
  "#0b0c0c": "var(--ink)",
};
const ours = css.replace(/^\uFEFF/, "").replace(/#[0-9a-f]{6}\b/g, (colour) => recoloured[colour] ?? colour);
writeFileSync(here("../static/css/app.css"), ours);

await build({
  entryPoints: [here("js/govuk-frontend.js")],
  outfile: here("../static/js/govuk-frontend.js"),
  nodePaths: [here("node_modules")],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2020",
  banner: { js: "/* From govuk-frontend 6.3.0, Crown Copyright (Government Digital Service), MIT licence */" },
});

// The weights that we use, 400 to 700: the lighter and heavier masters are a third of the file.
for (const [from, to] of [
  ["latin", "atkinson-next-latin.woff2"],
  ["latin-ext", "atkinson-next-latin-ext.woff2"],
]) {
  const source = here(`${font}/files/atkinson-hyperlegible-next-${from}-wght-normal.woff2`);
  const command = ["varLib.instancer", source, "wght=400:700", "--output", here(`../static/fonts/${to}`)];
  execFileSync(here("../.venv/bin/fonttools"), command);
}

for (const [from, to] of [
  [`${font}/LICENSE`, "static/fonts/LICENSE.txt"],
  ["node_modules/axe-core/axe.min.js", "tests/browser/axe.min.js"],
]) {
  copyFileSync(here(from), here(`../${to}`));
}
