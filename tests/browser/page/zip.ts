/**
 * Reads a zip whose files are stored, as the page makes it.
 *
 * @module
 */

const CENTRAL = 0x02014b50;
const END = 0x06054b50;

/**
 * Reads the files of a zip.
 *
 * @param path The zip.
 * @returns The bytes of each file by name.
 */
export async function filesOfZip(
  path: string,
): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const bytes = await Deno.readFile(path);
  const view = new DataView(bytes.buffer);
  let end = bytes.length - 22;
  while (view.getUint32(end, true) !== END) end--;
  let at = view.getUint32(end + 16, true);
  const files: Record<string, Uint8Array<ArrayBuffer>> = {};
  while (view.getUint32(at, true) === CENTRAL) {
    const size = view.getUint32(at + 24, true);
    const [name, extra, comment] = [28, 30, 32]
      .map((i) => view.getUint16(at + i, true)) as [number, number, number];
    const start = view.getUint32(at + 42, true);
    const data = start + 30 + view.getUint16(start + 26, true) +
      view.getUint16(start + 28, true);
    const text = bytes.subarray(at + 46, at + 46 + name);
    files[new TextDecoder().decode(text)] = bytes.slice(data, data + size);
    at += 46 + name + extra + comment;
  }
  return files;
}
