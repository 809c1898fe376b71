/**
 * The type declarations of `mod.ts` as one file: TypeScript writes those of each
 * module on its own, without checking types, and rollup-plugin-dts joins them.
 *
 * @module
 */

// Not literals in the imports, which every user and CI would download.
const TYPESCRIPT: string = "npm:typescript@5.9.3";
const ROLLUP: string = "npm:@rollup/wasm-node@4.53.3";
const ROLLUP_PLUGIN_DTS: string = "npm:rollup-plugin-dts@6.3.0";

/** The comment of a module, which would head the file of all. */
const MODULE_COMMENT = /^\/\*\*(?:(?!\*\/)[^])*@module\s*\*\/\n/;

/** A method with a symbol for its name, which TypeScript declares as a property too. */
const SYMBOL_PROPERTY = /^ +\[[\w.]+\]: \(\) => .*;\n/gm;

/** The part of `typescript` that is used here. */
interface TypeScript {
  transpileDeclaration(
    source: string,
    options: {
      fileName: string;
      compilerOptions: { isolatedDeclarations: boolean; target: number };
    },
  ): { readonly outputText: string };
  readonly ScriptTarget: { readonly ESNext: number };
}

/** A plugin of rollup. */
interface Plugin {
  readonly name: string;
  resolveId?(id: string, importer?: string): unknown;
  load?(id: string): Promise<string>;
}

/** The part of rollup that is used here. */
interface Rollup {
  rollup(options: {
    input: string;
    plugins: readonly Plugin[];
  }): Promise<{
    generate(options: { format: "es" }): Promise<{
      readonly output: readonly [{ readonly code: string }];
    }>;
  }>;
}

/**
 * Bundles the declarations of a module and all that it imports.
 *
 * @param entry The module.
 * @returns Text of a `.d.ts` file without imports.
 * @throws {Error} If a file cannot be read.
 */
export async function bundleDeclarations(entry: URL): Promise<string> {
  const { default: ts }: { default: TypeScript } = await import(TYPESCRIPT);
  const { rollup }: Rollup = await import(ROLLUP);
  const { dts }: { dts(): Plugin } = await import(ROLLUP_PLUGIN_DTS);
  const declarations: Plugin = {
    name: "declarations",
    resolveId(id, importer) {
      if (importer === undefined) return id;
      if (!id.startsWith(".")) return { id, external: true };
      return declarationOf(new URL(id, importer));
    },
    async load(id) {
      const source = id.replace(/\.d\.ts$/, ".ts");
      const { outputText } = ts.transpileDeclaration(
        await Deno.readTextFile(new URL(source)),
        {
          fileName: source,
          compilerOptions: {
            isolatedDeclarations: true,
            target: ts.ScriptTarget.ESNext,
          },
        },
      );
      return outputText.replace(MODULE_COMMENT, "")
        .replaceAll(SYMBOL_PROPERTY, "");
    },
  };
  const bundle = await rollup({
    input: declarationOf(entry),
    plugins: [declarations, dts()],
  });
  const { output: [{ code }] } = await bundle.generate({ format: "es" });
  return code;
}

function declarationOf({ href }: URL): string {
  return href.replace(/\.ts$/, ".d.ts");
}
