/**
 * Reads and checks the header of a safetensors file, without the values.
 *
 * Source: the checks of `safetensors/src/tensor.rs` in
 * https://github.com/huggingface/safetensors, and those that its description of
 * the format requires but that file omits (duplicate keys, the leading `{`).
 *
 * @module
 */
import { bitLength, isDtype, type SafetensorsDtype } from "./dtype.ts";

/** Limit of the header, in bytes, checked before it is allocated. */
const MAX_HEADER_SIZE = 100_000_000;

/** Type, shape and location of a tensor in a file. */
export interface TensorInfo {
  /** Element type, by its name in the file. */
  readonly dtype: SafetensorsDtype;
  /** Shape; `[]` for a scalar. */
  readonly shape: readonly number[];
  /** Offset of the values from the start of the file, in bytes. */
  readonly offset: number;
  /** Size of the values, in bytes. */
  readonly byteLength: number;
}

/** The parsed header of a file. */
export interface SafetensorsHeader {
  /** The tensors by name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** The strings under `__metadata__`, such as `{ format: "pt" }`. */
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/** An entry of the header; `begin` and `end` count from the first value. */
interface Entry {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads the size of the header from the start of a file.
 *
 * @param start The first 8 bytes of the file, or all of it if it is shorter.
 * @param fileSize Size of the file, in bytes.
 * @param file Name of the file in errors.
 * @returns Size of the header in bytes; it begins at byte 8.
 * @throws {SyntaxError} If the file cannot hold such a header.
 */
export function parseHeaderSize(
  start: Uint8Array,
  fileSize: number,
  file: string,
): number {
  if (start.length < 8) {
    fail(
      file,
      `it has ${fileSize} bytes, fewer than the 8 that it must start with`,
    );
  }
  const size = new DataView(start.buffer, start.byteOffset)
    .getBigUint64(0, true);
  if (size > MAX_HEADER_SIZE) {
    fail(
      file,
      `its header declares ${size} bytes, more than the ${MAX_HEADER_SIZE} allowed: it is not a safetensors file`,
    );
  }
  if (8 + Number(size) > fileSize) {
    fail(
      file,
      `its header declares ${size} bytes, but the file has ${fileSize}: it is truncated`,
    );
  }
  return Number(size);
}

/**
 * Reads and validates a header: each byte after it must belong to exactly one
 * tensor.
 *
 * @param bytes The header: from byte 8 of the file to the values.
 * @param fileSize Size of the file, in bytes.
 * @param file Name of the file in errors.
 * @returns Type, shape and location of each tensor.
 * @throws {SyntaxError} If the header is not valid, or does not fit the file.
 */
export function parseHeader(
  bytes: Uint8Array,
  fileSize: number,
  file: string,
): SafetensorsHeader {
  const { __metadata__: metadata, ...rest } = parseJson(bytes, file);
  if (metadata !== undefined && !isRecordOfStrings(metadata)) {
    fail(file, `its "__metadata__" must map strings to strings`);
  }
  const entries = Object.entries(rest)
    .map(([name, value]) => parseEntry(name, value, file))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);

  const start = 8 + bytes.length;
  const tensors = new Map<string, TensorInfo>();
  let covered = 0; // bytes of values that belong to the tensors so far
  for (const { name, dtype, shape, begin, end } of entries) {
    if (begin !== covered) {
      fail(
        file,
        `tensor "${name}" begins at byte ${begin} of the values, but the previous one ends at ${covered}`,
      );
    }
    covered = end;
    const offset = start + begin;
    tensors.set(name, { dtype, shape, offset, byteLength: end - begin });
  }
  if (start + covered !== fileSize) {
    fail(
      file,
      `its header describes ${
        start + covered
      } bytes, but the file has ${fileSize}: ${
        start + covered > fileSize
          ? "it is truncated"
          : "other bytes follow the values"
      }`,
    );
  }
  return { tensors, metadata };
}

/** Parses the JSON object of a header, and refuses what `JSON.parse` would accept. */
function parseJson(bytes: Uint8Array, file: string): Record<string, unknown> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch (cause) {
    fail(file, "its header is not valid UTF-8", cause);
  }
  if (!text.startsWith("{")) fail(file, 'its header must start with "{"');
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const { message } = cause as Error;
    fail(file, `its header is not valid JSON: ${message}`, cause);
  }
  const flaw = findFlaw(text);
  if (flaw) fail(file, `its header has ${flaw}`);
  return json;
}

/**
 * Scans valid JSON for flaws that `JSON.parse` hides: duplicate keys of an object
 * (the last one would win) and numbers that are not written as whole numbers.
 */
function findFlaw(json: string): string | undefined {
  const colon = /\s*:/y;
  const objects: Set<string>[] = []; // keys of each open object
  let start = -1; // index of the open string, if any
  for (
    const { 0: token, index } of json.matchAll(/\\.|["{}]|-?\d[\d.eE+-]*/g)
  ) {
    if (start < 0) {
      if (token === '"') start = index;
      else if (token === "{") objects.push(new Set());
      else if (token === "}") objects.pop();
      else if (!/^\d+$/.test(token) || !Number.isSafeInteger(Number(token))) {
        return `the number ${
          token.slice(0, 40)
        }: sizes and offsets are whole numbers from 0 to 2^53 - 1`;
      }
    } else if (token === '"') {
      colon.lastIndex = index + 1;
      if (colon.test(json)) {
        const key: string = JSON.parse(json.slice(start, index + 1));
        const keys = objects.at(-1)!;
        if (keys.has(key)) return `the key "${key}" twice`;
        if (!key.isWellFormed()) return `a lone surrogate in a key`;
        keys.add(key);
      }
      start = -1;
    }
  }
}

/** Validates one entry of the header on its own. */
function parseEntry(name: string, value: unknown, file: string): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<
    string,
    unknown
  >;
  if (!isDtype(dtype)) {
    fail(
      file,
      `tensor "${name}" has the unknown dtype ${JSON.stringify(dtype)}`,
    );
  }
  if (!isNumbers(shape)) fail(file, `tensor "${name}" has no shape`);
  if (!isNumbers(offsets) || offsets.length !== 2) {
    fail(file, `tensor "${name}" has no pair of data_offsets`);
  }
  const [begin, end] = offsets as [number, number];
  const bits = bitLength(dtype, shape);
  const tensor = `tensor "${name}" of ${dtype} [${shape}]`;
  if (Number.isNaN(bits)) fail(file, `${tensor} is too large to count`);
  if (bits % 8 !== 0) fail(file, `${tensor} ends inside a byte`);
  if (end - begin !== bits / 8) {
    fail(
      file,
      `${tensor} takes ${
        bits / 8
      } bytes, but its data_offsets are [${begin}, ${end}]`,
    );
  }
  return { name, dtype, shape, begin, end };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((v) => typeof v === "number");
}

function isRecordOfStrings(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every((v) => typeof v === "string");
}

function fail(file: string, reason: string, cause?: unknown): never {
  throw new SyntaxError(
    `Cannot read ${file}: ${reason}; copy or download it again`,
    { cause },
  );
}
