// node draw.js PAGE CHART: prints the chart of a page, one that rill wrote, as SVG. Vega comes from
// the page itself.
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

const spec = JSON.parse(script(` type="application/json" data-spec="${chart}">`));
const vega = new Function(`${script(">\n/*\nVega")}\nreturn vega;`)();
new vega.View(vega.parse(spec), {renderer: "none"}).toSVG().then(
    (svg) => process.stdout.write(svg.replaceAll("><", ">\n<") + "\n"));
