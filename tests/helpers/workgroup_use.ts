/** Values of `override` declarations, by name. */
export type Overrides = Readonly<Record<string, number>>;

/** Threads and memory of a workgroup of a kernel. */
export interface WorkgroupUse {
  /** Bytes of workgroup memory, each variable rounded up to 16. */
  readonly bytes: number;
  /** Threads along x, y and z. */
  readonly threads: readonly [x: number, y: number, z: number];
}

interface Layout {
  readonly size: number;
  readonly align: number;
}

const SCALARS: Readonly<Record<string, number>> = {
  ...{ f: 4, i: 4, u: 4, h: 2 }, // as in vec4f
  ...{ f32: 4, i32: 4, u32: 4, f16: 2, bool: 4 },
};

/**
 * Computes the workgroup memory and the threads of a kernel, which Deno leaves to
 * the driver: it accepts any amount of memory.
 *
 * @param code WGSL; each line has at most one declaration of module scope.
 * @param overrides Values of its `override` declarations.
 * @returns The use, of all variables, read or not.
 * @throws {SyntaxError} If a type or a size is unknown.
 * @see https://www.w3.org/TR/WGSL/#alignment-and-size
 */
export function workgroupUse(code: string, overrides: Overrides): WorkgroupUse {
  const text = code.replaceAll(/\/\/.*/g, "");
  const find = (declaration: string) => text.match(declaration)?.[1];
  const valueOf = (name: string): number => {
    const value = overrides[name] ??
      find(`\\b(?:const|override) ${name}\\b[^=;]*=([^;]*);`);
    if (value === undefined) throw new SyntaxError(`unknown size ${name}`);
    return typeof value === "number" ? value : evaluate(value, valueOf);
  };
  const layoutOf = (type: string): Layout => {
    const [, name = "", list] = type.trim().match(/^(\w+)(?:<(.*)>)?$/s) ?? [];
    const parts = split(list ?? "");
    const [, width, element = parts[0]] = name.match(/^vec([234])(\w)?/) ?? [];
    if (width !== undefined) {
      const size = SCALARS[element!]!;
      const n = Number(width);
      return { size: n * size, align: (n === 3 ? 4 : n) * size };
    }
    if (name === "atomic") return layoutOf(parts[0]!);
    if (name === "array") {
      const { size, align } = layoutOf(parts[0]!);
      return { size: evaluate(parts[1]!, valueOf) * up(size, align), align };
    }
    const alias = find(`\\balias ${name} = ([^;]*);`);
    if (alias !== undefined) return layoutOf(alias);
    const struct = find(`\\bstruct ${name} {([^}]*)}`);
    if (struct !== undefined) {
      const fields = split(struct).map((field) => field.split(":")[1]!);
      const { size, align } = fields.map(layoutOf)
        .reduce(append, { size: 0, align: 1 });
      return { size: up(size, align), align };
    }
    const size = SCALARS[name];
    if (size === undefined) throw new SyntaxError(`unknown type ${type}`);
    return { size, align: size };
  };
  const variables = text.matchAll(/var<workgroup> \w+ ?: ?([^;]+);/g);
  const sizes = [...variables].map(([, type]) => up(layoutOf(type!).size, 16));
  const size = find("@workgroup_size\\(([^)]*)\\)") ?? "";
  const [x, y = 1, z = 1] = split(size).map((n) => evaluate(n, valueOf));
  if (x === undefined) throw new SyntaxError("no @workgroup_size");
  return { bytes: sizes.reduce((a, b) => a + b, 0), threads: [x, y, z] };
}

function append(struct: Layout, field: Layout): Layout {
  const align = Math.max(struct.align, field.align);
  const end = up(struct.size, field.align) + field.size;
  return { size: end, align };
}

function up(size: number, align: number): number {
  return Math.ceil(size / align) * align;
}

/** Splits a list at the commas outside of `<>`; one may follow the last item. */
function split(list: string): string[] {
  const items = [""];
  let depth = 0;
  for (const character of list) {
    if (character === "<") depth++;
    if (character === ">") depth--;
    if (character === "," && depth === 0) items.push("");
    else items[items.length - 1] += character;
  }
  return items.filter((item) => item.trim() !== "");
}

/** Evaluates sums and products of integers and names. */
function evaluate(text: string, valueOf: (name: string) => number): number {
  const tokens = text.match(/\w+|\S/g) ?? [];
  const sum = (): number => {
    let value = product();
    while (tokens[0] === "+" || tokens[0] === "-") {
      value += tokens.shift() === "+" ? product() : -product();
    }
    return value;
  };
  const product = (): number => {
    let value = factor();
    while (tokens[0] === "*" || tokens[0] === "/") {
      value = tokens.shift() === "*"
        ? value * factor()
        : Math.trunc(value / factor());
    }
    return value;
  };
  const factor = (): number => {
    const token = tokens.shift() ?? "";
    if (token === "(") {
      const value = sum();
      tokens.shift(); // the closing parenthesis
      return value;
    }
    return /^\d+u?$/.test(token) ? parseInt(token) : valueOf(token);
  };
  const value = sum();
  if (tokens.length > 0) throw new SyntaxError(`unknown size ${text}`);
  return value;
}
