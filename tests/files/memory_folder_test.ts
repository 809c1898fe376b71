import { assertEquals, assertRejects } from "@std/assert";
import { MemoryFile, MemoryFolder } from "../../lib/files/memory_folder.ts";

const BYTES = Uint8Array.of(1, 2, 3, 4);

Deno.test("MemoryFolder opens bytes, Blobs, Files and Responses", async () => {
  const files = {
    bytes: BYTES,
    blob: new Blob([BYTES]),
    file: new File([BYTES], "other"),
    response: new Response(BYTES),
  };
  const folder = new MemoryFolder(files);
  for (const name of Object.keys(files)) {
    for (let time = 0; time < 2; time++) { // the body of a response can be taken once
      using file = await folder.open(name, "");
      assertEquals([file.path, file.size], [name, 4]);
      assertEquals([...await file.read(1, 2)], [2, 3], name);
    }
  }
  assertEquals(await folder.find("none"), undefined);
});

Deno.test("MemoryFile reads into a new buffer, and not past its end", async () => {
  for (const content of [BYTES, new Blob([BYTES])]) {
    const file = new MemoryFile("a", content);
    const read = await file.read(0, 4);
    read[0] = 9;
    assertEquals(read.buffer.byteLength, 4);
    assertEquals([...await file.read(0, 1)], [1]);
    await assertRejects(
      () => file.read(3, 2),
      SyntaxError,
      "Cannot read a: it ends at byte 4, too early: it is truncated; copy or download it again",
    );
  }
});

Deno.test("MemoryFolder has the folders that the names have", async () => {
  const folder = new MemoryFolder({
    "b.csv": BYTES,
    "data/train.csv": BYTES,
    "data/x/y.csv": BYTES,
  });
  assertEquals(await folder.list(), { files: ["b.csv"], folders: ["data"] });
  const data = folder.folder("data");
  assertEquals(data.path, "data");
  assertEquals(await data.list!(""), { files: ["train.csv"], folders: ["x"] });
  assertEquals((await data.open("train.csv", "")).path, "data/train.csv");
});

Deno.test("MemoryFolder names the file, the problem and the remedy", async () => {
  const broken = new Response(
    new ReadableStream({
      start: (controller) => controller.error(new Error("reset")),
    }),
  );
  const unreadable = new Blob([BYTES]);
  unreadable.slice = () => ({
    ...unreadable,
    arrayBuffer: () => Promise.reject(new Error("it changed")),
  });
  const folder = new MemoryFolder({
    missing: new Response(null, { status: 404, statusText: "Not Found" }),
    broken,
    text: "text" as unknown as Blob,
  });
  const cases: [() => Promise<unknown>, string][] = [
    [
      () => folder.open("none", "; add it"),
      "Cannot read none: it is not among the given files (missing, broken, text); add it",
    ],
    [
      () => new MemoryFolder({}).open("none", "; add it"),
      "Cannot read none: it is not among the given files (there are none); add it",
    ],
    [
      () => folder.open("missing", ""),
      "Cannot read missing: the server answers 404 Not Found; check the address",
    ],
    [
      () => folder.open("broken", ""),
      "Cannot read broken: its transfer failed (reset); fetch it again",
    ],
    [
      () => folder.open("text", ""),
      'Cannot read text: it is the string "text"; give a Uint8Array, a Blob, a File or a Response',
    ],
    [
      () => new MemoryFile("a.csv", unreadable).read(0, 4),
      "Cannot read a.csv: it changed; choose the file again",
    ],
  ];
  for (const [read, message] of cases) {
    await assertRejects(read, Error, message);
  }
});
