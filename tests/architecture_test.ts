import { assert, assertEquals, assertMatch } from "@std/assert";
import { needs, ROOT } from "./helpers/permissions.ts";
import {
  type SourceFile,
  sourceFiles,
  withoutComments,
} from "./helpers/source_files.ts";

/** Files of lib/ itself, and the folder of files, which every folder may import. */
const ROOT_FILES = [
  "random.ts",
  "check_options.ts",
  "inspect.ts",
  "files.ts",
  "files", // a folder
];

/** Folders that each folder of lib/ may import, in addition to itself and ROOT_FILES; bottom-up. */
const ALLOWED: Record<string, readonly string[]> = {
  ...Object.fromEntries(ROOT_FILES.map((name) => [name, []])),
  gpu: [],
  data: [],
  metrics: [],
  tensor: ["gpu"],
  ops: ["gpu", "tensor"],
  nn: ["tensor", "ops", "types of gpu"],
  checkpoint: ["tensor", "nn", "types of gpu"],
  onnx: [],
  models: [
    "tensor",
    "ops",
    "nn",
    "checkpoint",
    "onnx",
    "types of gpu",
    "types of data",
  ],
  lora: ["nn", "checkpoint", "models"],
  inference: ["gpu", "data", "tensor", "models"],
  optim: ["tensor", "ops", "nn", "types of gpu"],
  distributed: ["tensor", "nn", "types of gpu"],
  training: "gpu data metrics tensor ops nn checkpoint models onnx optim"
    .split(" "),
};

/** Tasks that start another one: again and again, or in several processes. */
const STARTS: Readonly<Record<string, string>> = {
  "scripts/sweep.ts": "scripts/train_classifier.ts",
  "scripts/classify_mpi.ts": "scripts/train_classifier.ts",
  "scripts/train_mpi.ts": "scripts/train_mrpc.ts",
};

/** The only files of lib/ that may use the `Deno` namespace. */
const MAY_USE_DENO = new Set([
  "lib/files.ts",
  "lib/files/disk_folder.ts",
  "lib/distributed/mpi.ts",
]);

/** An npm package with its exact version, and optionally a file in it. */
const PINNED = /^npm:((?:@[\w.-]+\/)?[\w.-]+)@\d+\.\d+\.\d+(?:\/.*)?$/;

interface Import {
  /** Whether only types are imported. */
  readonly typesOnly: boolean;
  readonly specifier: string;
}

/** `import … from "x"`, `import "x"` and `import("x")`; statements start a line. */
const STATEMENT =
  /^(?:import|export)\s+(type\s)?([^;"']*?)\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;

function importsOf(file: SourceFile): Import[] {
  return [...withoutComments(file.text).matchAll(STATEMENT)].map(
    ([, type, names = "", from, alone, dynamic]) => ({
      typesOnly: type !== undefined ||
        /^\{(?:\s*type\s[^,}]*,?)+\s*\}\s*$/.test(names),
      specifier: (from ?? alone ?? dynamic)!,
    }),
  );
}

/** Path, from the root of the project, of a relative specifier. */
function target(file: SourceFile, specifier: string): string {
  return new URL(specifier, file.url).href.slice(ROOT.href.length);
}

const folderOf = (path: string) => path.split("/")[1]!;

Deno.test(needs("lib/ keeps its import rules", "read"), async (t) => {
  for (const file of await sourceFiles("lib/", ".ts")) {
    await t.step(file.path, () => {
      const folder = folderOf(file.path);
      const allowed = ALLOWED[folder];
      assert(allowed, `lib/${folder} has no entry in ALLOWED`);
      for (const { typesOnly, specifier } of importsOf(file)) {
        if (specifier.startsWith("npm:")) {
          assertMatch(specifier, PINNED, `${specifier} has no exact version`);
          continue;
        }
        assertMatch(
          specifier,
          /^\.\.?\//,
          `"${specifier}": lib/ imports its own files and pinned npm packages`,
        );
        const path = target(file, specifier);
        assert(path.startsWith("lib/"), `it may not import ${path}`);
        const other = folderOf(path);
        assert(
          other === folder || ROOT_FILES.includes(other) ||
            allowed.includes(other) ||
            (typesOnly && allowed.includes(`types of ${other}`)),
          `lib/${folder} may not import ${path}`,
        );
      }
    });
  }
});

Deno.test(needs("lib/ keeps each API in its folder", "read"), async (t) => {
  for (const { path, text } of await sourceFiles("lib/", ".ts", ".wgsl")) {
    await t.step(path, () => {
      const code = withoutComments(text);
      const folder = folderOf(path);
      assert(
        folder === "gpu" ||
          !/\bnavigator\.gpu\b|\bGPUDevice\b|\.queue\b|\bmapAsync\b/.test(code),
        "only lib/gpu/ calls WebGPU",
      );
      assert(
        folder === "ops" || !/\bnew Kernel\(/.test(code),
        "only lib/ops/ makes a Kernel",
      );
      assert(
        folder === "ops" || !path.endsWith(".wgsl"),
        "only lib/ops/ holds .wgsl",
      );
      assert(
        MAY_USE_DENO.has(path) || !/\bDeno\./.test(code),
        `only ${[...MAY_USE_DENO].join(" and ")} use the Deno namespace`,
      );
    });
  }
});

Deno.test(
  needs(
    "each npm package has one wrapper in lib/, one in scripts/ at most, and one version",
    "read",
  ),
  async () => {
    const versions = new Map<string, string>();
    for (const folder of ["lib/", "scripts/", "web/"]) {
      const wrappers = new Map<string, string>();
      for (const file of await sourceFiles(folder, ".ts")) {
        for (const { specifier } of importsOf(file)) {
          const name = specifier.match(PINNED)?.[1];
          if (name === undefined) continue;
          const version = specifier.match(/@[\d.]+/)![0];
          assertEquals(version, versions.get(name) ?? version, file.path);
          versions.set(name, version);
          const wrapper = wrappers.get(name) ?? file.path;
          wrappers.set(name, wrapper);
          assertEquals(file.path, wrapper, `${name} is named in two files`);
        }
      }
    }
  },
);

Deno.test("the folders of lib/ have no cycle", () => {
  const below = new Set<string>();
  for (const [folder, allowed] of Object.entries(ALLOWED)) {
    for (const other of allowed) {
      const name = other.replace("types of ", "");
      assert(
        below.has(name),
        `${folder} may import ${name}, which is not below`,
      );
    }
    below.add(folder);
  }
});

/** The only files that may import each other. */
const CIRCLES = [["lib/tensor/autograd.ts", "lib/tensor/tensor.ts"]];

/** Finds groups of files that import each other, by Tarjan's algorithm. */
function circlesOf(
  imports: ReadonlyMap<string, readonly string[]>,
): string[][] {
  const circles: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (path: string): void => {
    index.set(path, index.size);
    low.set(path, index.get(path)!);
    stack.push(path);
    for (const other of imports.get(path) ?? []) {
      if (!index.has(other)) visit(other);
      if (stack.includes(other)) {
        low.set(path, Math.min(low.get(path)!, low.get(other)!));
      }
    }
    if (low.get(path) !== index.get(path)) return;
    const circle = stack.splice(stack.indexOf(path));
    if (circle.length > 1) circles.push(circle.sort());
  };
  for (const path of imports.keys()) if (!index.has(path)) visit(path);
  return circles;
}

Deno.test("circlesOf() finds the files that import each other", () => {
  const imports = new Map(Object.entries({
    a: ["b", "d"],
    b: ["c"],
    c: ["a"],
    d: ["e"],
    e: [],
  }));
  assertEquals(circlesOf(imports), [["a", "b", "c"]]);
});

Deno.test(needs("no files import each other", "read"), async () => {
  const imports = new Map<string, string[]>();
  for (const folder of ["lib/", "scripts/", "data/", "web/"]) {
    for (const file of await sourceFiles(folder, ".ts")) {
      const targets = importsOf(file).map(({ specifier }) => specifier)
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => target(file, specifier));
      imports.set(file.path, targets);
    }
  }
  assertEquals(circlesOf(imports), CIRCLES);
});

Deno.test(
  needs("an architecture is a folder and a line in architectures.ts", "read"),
  async () => {
    const files = [
      ...await sourceFiles("lib/", ".ts"),
      ...await sourceFiles("scripts/", ".ts"),
    ];
    const folderOf = (path: string) => /^lib\/models\/(\w+)\//.exec(path)?.[1];
    for (const file of files) {
      if (file.path === "lib/models/architectures.ts") continue;
      for (const { specifier } of importsOf(file)) {
        if (!specifier.startsWith(".")) continue;
        const folder = folderOf(target(file, specifier));
        // Other architectures may use BERT's layers.
        assert(
          folder === undefined || folder === "bert" ||
            folder === folderOf(file.path),
          `${file.path} may not import lib/models/${folder}`,
        );
      }
    }
  },
);

Deno.test(needs("docs begin with a noun or a verb", "read"), async () => {
  const found: string[] = [];
  for (const folder of ["lib/", "scripts/", "data/", "web/"]) {
    for (const { path, text } of await sourceFiles(folder, ".ts", ".mjs")) {
      const docs = text.matchAll(
        /\/\*\*[\s*]*(?:What|How|Which|Where|Who|That)\b.*/g,
      );
      for (const [doc] of docs) found.push(`${path}: ${doc}`);
    }
  }
  assertEquals(found, []);
});

Deno.test(needs("mod.ts only re-exports lib/", "read"), async () => {
  const text = withoutComments(
    await Deno.readTextFile(new URL("mod.ts", ROOT)),
  );
  const rest = text.replaceAll(
    /export (?:type )?(?:\*|\{[^}]*\}) from "\.\/lib\/[\w/]+\.ts";/g,
    "",
  );
  assertEquals(rest.trim(), "");
});

Deno.test(
  needs(
    "scripts/ import mod.ts, @std/cli, digests, the embedded data and their own folders",
    "read",
  ),
  async (t) => {
    for (const file of await sourceFiles("scripts/", ".ts")) {
      await t.step(file.path, () => {
        for (const { specifier } of importsOf(file)) {
          if (!specifier.startsWith(".")) {
            assertMatch(specifier, /^(@std\/cli\/[\w-]+|node:crypto|npm:.*)$/);
            continue;
          }
          const path = target(file, specifier);
          // Tasks do not import each other, except those that start another in
          // another way; shared code is in folders.
          if (STARTS[file.path] === path) continue;
          assertMatch(
            path,
            /^(mod\.ts|deno\.json|data\/\w+\.ts|scripts\/\w+\/\w+\.(ts|json|html|proto))$/,
          );
        }
      });
    }
  },
);

Deno.test(
  needs("web/ imports mod.ts, folders of scripts/ and npm packages", "read"),
  async (t) => {
    for (const file of await sourceFiles("web/", ".ts")) {
      await t.step(file.path, () => {
        for (const { specifier } of importsOf(file)) {
          if (specifier.startsWith("npm:")) {
            assertMatch(specifier, PINNED, `${specifier} has no exact version`);
            continue;
          }
          assertMatch(
            target(file, specifier),
            /^(mod\.ts|scripts\/\w+\/\w+\.ts|web\/[\w/]+\.ts)$/,
          );
        }
      });
    }
  },
);

Deno.test(
  needs("tests/ import the project and @std/assert", "read"),
  async (t) => {
    for (const file of await sourceFiles("tests/", ".ts")) {
      await t.step(file.path, () => {
        // Programs that drive a browser, or another WebGPU.
        const isProgram = /^tests\/(browser|dawn)\//.test(file.path);
        for (const { specifier } of importsOf(file)) {
          assertMatch(
            specifier,
            isProgram ? /^(\.\.?\/|@std\/|npm:)/ : /^(\.\.?\/|@std\/assert$)/,
          );
        }
      });
    }
  },
);
