import { assertEquals } from "@std/assert";
import { needs, ROOT } from "./helpers/permissions.ts";

const TYPES: Record<string, string> = {
  ts: "application/typescript",
  wgsl: "text/plain",
  json: "application/json",
};

Deno.test(
  needs("mod.ts can be imported from a URL", "read", "net", "run"),
  async () => {
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        const { pathname } = new URL(request.url);
        const body = await Deno.readFile(new URL(`.${pathname}`, ROOT))
          .catch(() => null);
        const type = TYPES[pathname.split(".").at(-1)!] ?? "text/plain";
        return new Response(body, {
          status: body === null ? 404 : 200,
          headers: { "content-type": type },
        });
      },
    );
    const host = `127.0.0.1:${server.addr.port}`;
    const program = `
      import { fromArray, requestDevice } from "http://${host}/mod.ts";
      using device = await requestDevice();
      console.log(await fromArray(device, [1, 2], [2]).toArray());`;
    // As in another project: no config, and no permission but the import.
    const { code, stdout, stderr } = await new Deno.Command("deno", {
      args: [
        "run",
        "--no-config",
        "--no-prompt",
        `--allow-import=${host}`,
        `--reload=http://${host}`, // an earlier server may have used this port
        `data:application/typescript,${encodeURIComponent(program)}`,
      ],
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assertEquals(code, 0, decode(stderr));
    assertEquals(decode(stdout), "Float32Array(2) [ 1, 2 ]\n");
  },
);
