/**
 * Sizes of files as a web server sends them.
 *
 * @module
 */

/**
 * Compresses a file as gzip.
 *
 * @param file The file.
 * @returns Its compressed size, in bytes.
 */
export async function gzipSize(file: Blob): Promise<number> {
  const stream = file.stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).bytes()).length;
}
