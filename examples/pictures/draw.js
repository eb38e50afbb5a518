// node draw.js PAGE CHART: prints the chart of a page, one that rill wrote, as SVG. Vega comes from
// the page itself; the first line tells one Vega from another, which may draw differently.
const crypto = require("crypto");
const fs = require("fs");

const [page, chart] = process.argv.slice(2);
const html = fs.readFileSync(page, "utf8");

// What stands in the <script> whose tag and beginning are `start`.
function script(start) {
  const at = html.indexOf(`<script${start}`);
  if (at < 0) throw new Error(`${page} has no <script${start}`);
  const begin = html.indexOf(">", at) + 1;
  return html.slice(begin, html.indexOf("</script>", begin));
}

const hex = (number) => Number(number).toString(16).padStart(2, "0");

// Without what only a program that reads the picture out would need, and in fewer bytes.
function small(svg) {
  return svg.replace(/ (role|class|aria-[a-z]+|pointer-events|stroke-miterlimit)="[^"]*"/g, "")
      .replace(/rgb\((\d+), (\d+), (\d+)\)/g, (_, r, g, b) => `#${hex(r)}${hex(g)}${hex(b)}`)
      .replace(/<(path|rect|line)[^>]* opacity="0"[^>]*\/>/g, "")  // there for the pointer alone
      .replace(/<path d="M0,0h0v0h0Z"\/>/g, "")
      .replace(/<g>\s*<\/g>/g, "")
      .replaceAll("><", ">\n<");
}

const spec = JSON.parse(script(` type="application/json" data-spec="${chart}">`));
const source = script(">\n/*\nVega");
const vega = new Function(`${source}\nreturn vega;`)();
const version = crypto.createHash("sha256").update(source).digest("hex").slice(0, 16);
new vega.View(vega.parse(spec), {renderer: "none"}).toSVG().then(
    (svg) => process.stdout.write(`<!-- Vega ${version} -->\n${small(svg)}\n`));
