/** Draws a chart and encodes an ONNX message; run where code from text is refused. */
import { loadOnnxProto } from "../../lib/onnx/proto.ts";
import { drawChart } from "../../scripts/report/chart.ts";

const proto = await loadOnnxProto();
const { length } = proto.encode("ModelProto", {
  irVersion: 8,
  producerName: "gradloop",
  opsetImport: [{ domain: "", version: 17 }],
});
const { text } = await drawChart({
  data: { values: [{ x: 1, y: 2 }, { x: 2, y: 1 }] },
  mark: "line",
  encoding: {
    x: { field: "x", type: "quantitative" },
    y: { field: "y", type: "quantitative" },
  },
}, "a line");
let refused = "";
try {
  Function("1");
} catch (error) {
  refused = (error as Error).name;
}
// deno-lint-ignore no-console -- read by the test
console.log(
  JSON.stringify({ length, isSvg: text.startsWith("<svg"), refused }),
);
