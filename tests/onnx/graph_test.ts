import { assertEquals, assertRejects } from "@std/assert";
import { Graph } from "../../lib/onnx/graph.ts";
import { loadOnnxProto } from "../../lib/onnx/proto.ts";

const none = () => Promise.resolve(new Float32Array());

async function bytesOf(graph: Graph): Promise<Uint8Array> {
  const pieces = await Array.fromAsync(graph.stream(none));
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

Deno.test("Graph.stream() writes a file in pieces that protobufjs decodes", async () => {
  const graph = new Graph();
  graph.input("x", "int64", ["rows", 3]);
  const y = graph.node("Add", ["x", graph.integers([1, -2, 300])], {}, "y");
  const axis = { axis: { i: -1 }, epsilon: { f: 0.5 }, perm: { ints: [1, 0] } };
  graph.nodes("Split", [y, graph.integers(7)], ["a", "b"], axis);
  graph.output("a", "float16", ["rows", 1]);

  const proto = await loadOnnxProto();
  const file = await bytesOf(graph);
  const model = proto.decode(file);
  // The order of the fields differs; there are no other bytes.
  assertEquals(file.length, proto.encode("ModelProto", model).length);
  assertEquals(model.graph!.node, [{
    name: "y",
    opType: "Add",
    input: ["x", "integers_[1,-2,300]"],
    output: ["y"],
    attribute: [],
  }, {
    name: "a",
    opType: "Split",
    input: ["y", "integers_7"],
    output: ["a", "b"],
    attribute: [
      { name: "axis", type: 2, i: -1, ints: [] },
      { name: "epsilon", type: 1, f: 0.5, ints: [] },
      { name: "perm", type: 7, ints: [1, 0] },
    ],
  }]);
  assertEquals(
    model.graph!.initializer!.map(({ name, dims, dataType, rawData }) => [
      name,
      dims,
      dataType,
      [...new BigInt64Array(rawData!.slice().buffer)],
    ]),
    [
      ["integers_[1,-2,300]", [3], 7, [1n, -2n, 300n]],
      ["integers_7", [], 7, [7n]],
    ],
  );
});

Deno.test("Graph.initializer() keeps one tensor per name", async () => {
  const graph = new Graph();
  assertEquals(graph.integers([4]), graph.integers([4]));
  const { decode } = await loadOnnxProto();
  const { initializer } = decode(await bytesOf(graph)).graph!;
  assertEquals(initializer!.length, 1);
});

Deno.test("Graph.stream() reads the values of a tensor only when it writes them", async () => {
  const graph = new Graph();
  const requested: string[] = [];
  for (const name of ["a", "b"]) {
    graph.initializer({
      name,
      type: "float32",
      shape: [1],
      data: (read) => read(name),
    });
  }
  const pieces = graph.stream((name) => {
    requested.push(name);
    return Promise.resolve(Float32Array.of(1));
  });
  const seen: number[] = [];
  for await (const _ of pieces) seen.push(requested.length);
  assertEquals(seen, [0, 0, 0, 0, 1, 1, 2]);
});

Deno.test("Graph.stream() rejects a file of 2^31 bytes before it writes", async () => {
  const graph = new Graph();
  const shape = [2 ** 15, 2 ** 14];
  graph.initializer({ name: "large", type: "float32", shape, data: none });
  await assertRejects(
    () => graph.stream(none).next(),
    RangeError,
    "an ONNX file holds fewer than 2^31; export fp16 or q8",
  );
});
