import { assert, assertEquals, assertMatch } from "@std/assert";
import { drawChart } from "../../../scripts/report/chart.ts";

const spec = {
  data: {
    values: [
      { name: "<i> 1.2345", n: 1 / 3 },
      { name: "bell \x07", n: 2 },
    ],
  },
  mark: "bar",
  encoding: {
    y: { field: "name", type: "nominal" },
    x: { field: "n", type: "quantitative" },
  },
};

Deno.test("drawChart() is one image with words, the same each time", async () => {
  const { text } = await drawChart(spec, 'Bars of "a" & b');
  assertMatch(
    text,
    /^<svg role="img" aria-label="Bars of &quot;a&quot; &amp; b" viewBox="0 0 430 240">/,
  );
  assert(text.endsWith("</svg>"));
  assert(!/ (role|aria-\w+)="/.test(text.slice(text.indexOf(">"))));
  assertEquals((await drawChart(spec, 'Bars of "a" & b')).text, text);
});

Deno.test("drawChart() escapes names, and rounds coordinates alone", async () => {
  const { text } = await drawChart(spec, "");
  assert(!text.includes("<i>"));
  assert(text.includes("&lt;i&gt; 1.2345"));
  assert(text.includes("bell �"));
  for (const [tag] of text.matchAll(/<[^>]+>/g)) {
    assert(!/\d\.\d{3}/.test(tag), tag);
  }
});

Deno.test("drawChart() takes the colours of the page", async () => {
  const { text } = await drawChart(spec, "");
  const colours = new Set(
    [...text.matchAll(/ (?:fill|stroke)="([^"]+)"/g)].map(([, colour]) =>
      colour!
    ),
  );
  // The bars themselves have the default of the package here.
  colours.delete("#4c78a8");
  for (const colour of colours) {
    assertMatch(colour, /^(none|transparent|var\(--[\w-]+\))$/);
  }
});
