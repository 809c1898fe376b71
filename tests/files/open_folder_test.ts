import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { openFile, openFolder } from "../../lib/files/open_folder.ts";
import { writeFile } from "../../lib/files/save_files.ts";
import { needs } from "../helpers/permissions.ts";
import { tempFolder } from "../helpers/temp_folder.ts";

/** Runs `use` as in an environment without Deno. */
async function withoutDeno(use: () => Promise<void>): Promise<void> {
  const { Deno } = globalThis;
  Reflect.deleteProperty(globalThis, "Deno");
  try {
    await use();
  } finally {
    Object.assign(globalThis, { Deno });
  }
}

/** A server of one folder, `/model`, for as long as `use` runs. */
async function withServer(use: (origin: string) => Promise<void>) {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { pathname, search } = new URL(request.url);
      if (pathname === "/model/secret") {
        return new Response("<h1>no</h1>", {
          ...{ status: 403, statusText: "Forbidden" },
          headers: { "content-type": "text/html" },
        });
      }
      if (pathname === "/model/page") { // as a server of web pages answers
        return new Response("<!DOCTYPE html>", {
          headers: { "content-type": "text/html; charset=utf-8" },
        });
      }
      return pathname === "/model/config.json"
        ? new Response(`{"search":"${search}"}`)
        : new Response("<h1>none</h1>", { status: 404 });
    },
  );
  await use(`http://127.0.0.1:${server.addr.port}`);
}

Deno.test(
  needs("openFolder() fetches the files of a URL", "net"),
  () =>
    withServer(async (origin) => {
      const text = new TextDecoder();
      for (
        const source of [
          `${origin}/model`,
          `${origin}/model/`,
          new URL(`${origin}/model/?key=1`),
        ]
      ) {
        const folder = openFolder(source);
        using file = await folder.open("config.json", "");
        const search = new URL(source).search;
        assertEquals(
          text.decode(await file.read(0, file.size)),
          `{"search":"${search}"}`,
        );
        assertEquals(file.path, `${origin}/model/config.json${search}`);
        assertEquals(await folder.find("none"), undefined);
        assertEquals(await folder.find("page"), undefined);
      }
      const folder = openFolder(`${origin}/model`);
      const cases: [() => Promise<unknown>, string][] = [
        [
          () => folder.open("none", ": a model needs it"),
          `Cannot read ${origin}/model/none: there is no such file: a model needs it`,
        ],
        [
          () => folder.find("secret"),
          `Cannot read ${origin}/model/secret: the server answers 403 Forbidden; check the address`,
        ],
        [
          () => openFile("http://127.0.0.1:1/a.csv", ""),
          "Cannot read http://127.0.0.1:1/a.csv: the request failed (",
        ],
      ];
      for (const [open, message] of cases) {
        await assertRejects(open, Error, message);
      }
    }),
);

Deno.test(
  needs("openFolder() and openFile() take file: URLs", "read", "write"),
  async () => {
    await using temp = await tempFolder();
    const path = await Deno.realPath(temp.path);
    await Deno.writeTextFile(`${path}/a b.csv`, "abc");
    for (const toSource of [(x: URL) => x, (x: URL) => x.href]) {
      const url = toSource(new URL(`file://${path}/`));
      const folder = openFolder(url);
      assertEquals(await folder.find("none"), undefined);
      assertEquals((await folder.list!("")).files, ["a b.csv"]);
      using file = await openFile(
        toSource(new URL(`file://${path}/a b.csv`)),
        "",
      );
      assertEquals([file.path, file.size], [`${path}/a b.csv`, 3]);
    }
  },
);

Deno.test("openFolder() names text that starts as a URL, and is none", () => {
  assertThrows(
    () => openFolder("https://"),
    TypeError,
    "Cannot read https://: it is not a valid URL; correct it",
  );
});

Deno.test("openFile() opens a File under its name", async () => {
  using file = await openFile(new File(["abc"], "a.csv"), "");
  assertEquals([file.path, file.size], ["a.csv", 3]);
});

Deno.test("openFolder() and openFile() refuse what is neither path, URL nor files", async () => {
  for (
    const [source, name] of [[new Blob(), "a Blob"], [undefined, "undefined"]]
  ) {
    assertThrows(
      () => openFolder(source as string),
      TypeError,
      `Cannot read a folder from ${name}: it must be a path, a URL, or files by name, as { "config.json": file }`,
    );
    await assertRejects(
      () => openFile(source as string, ""),
      TypeError,
      `Cannot read ${name}: it must be a path, a URL or a File, as new File([bytes], "train.csv")`,
    );
  }
});

Deno.test("without a file system, a path is refused with the remedy", async () => {
  const remedy =
    'this environment has no file system; give files by name, as { "config.json": file }, a File, or a URL';
  await withoutDeno(async () => {
    assertThrows(
      () => openFolder("models/bert"),
      Error,
      `Cannot read models/bert: ${remedy}`,
    );
    await assertRejects(
      () => openFile("a.csv", ""),
      Error,
      `Cannot read a.csv: ${remedy}`,
    );
    await assertRejects(
      () => writeFile("runs/a", "b.json", "{}"),
      Error,
      "Cannot write runs/a: this environment has no file system; give an object that receives the files, as const files = {}",
    );
  });
});
