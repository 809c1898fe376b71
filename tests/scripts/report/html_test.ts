import { assert, assertEquals } from "@std/assert";
import {
  count,
  counted,
  decimal,
  html,
  percent,
  rowText,
  shorten,
} from "../../../scripts/report/html.ts";

Deno.test("html escapes texts, joins lists and leaves out nothing", () => {
  const inner = html`<b>${"<&>"}</b>`;
  assertEquals(
    html`<p title="${`"'`}">${inner}${[1, inner, undefined]}</p>`.text,
    '<p title="&quot;&#39;"><b>&lt;&amp;&gt;</b>1<b>&lt;&amp;&gt;</b></p>',
  );
});

Deno.test("html replaces what UTF-8 and HTML cannot hold", () => {
  assertEquals(html`${"a\0b\x07\ud83dc\td\n"}`.text, "a�b��c\td\n");
});

Deno.test("shorten() cuts between characters, without direction marks", () => {
  assertEquals(shorten("\u202eabc\u202c", 3), "abc");
  assertEquals(shorten("😀😀😀😀", 3), "😀😀…");
});

Deno.test("rowText() shows a long text on demand, and cuts a very long one", () => {
  assertEquals(
    rowText("a < b").text,
    '<p class="text" dir="auto">a &lt; b</p>',
  );
  assert(rowText(" \n").text.includes("empty"));
  const long = rowText(`${"word ".repeat(200)}end`).text;
  assert(/<summary>(word ){44}…<\/summary>/.test(long), long);
  assert(long.includes("end</p>"));
  const size = (text: string) => new TextEncoder().encode(text).length;
  for (const character of ["&", '"', "é", "😀"]) {
    const text = rowText(character.repeat(5000)).text;
    assert(size(text) < 6000, `${character}: ${size(text)}`);
    assert(/\([\d,]+ more characters\)/.test(text));
    assert(!text.includes("�"));
  }
});

Deno.test("numbers have digits that can be compared", () => {
  assertEquals(count(1234567), "1,234,567");
  assertEquals(
    [counted(1, "row"), counted(2000, "class", "classes")],
    ["1 row", "2,000 classes"],
  );
  assertEquals(
    [0.91849, -0.5, 123456.7, NaN, undefined].map(decimal),
    ["0.918", "−0.500", "123,500", "–", "–"],
  );
  assertEquals([0.0949, 0.0996, 1, NaN].map(percent), [
    "9.5\u00a0%",
    "10\u00a0%",
    "100\u00a0%",
    "–",
  ]);
});
