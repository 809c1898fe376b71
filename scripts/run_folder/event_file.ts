/**
 * `metrics.jsonl`: one line an event, appended while a run goes on.
 *
 * @module
 */
import { exists } from "./paths.ts";

const NEWLINE = "\n".charCodeAt(0);

/** A line of `metrics.jsonl`. */
export type LogEvent =
  & { readonly event: string }
  & Readonly<
    Record<string, unknown>
  >;

/**
 * The events of a run. Lines that cannot be written wait in memory, and the next
 * line tries again: a full disk ends no run.
 */
export class EventFile {
  readonly #path: string;
  readonly #onFailure: (error: unknown) => void;
  readonly #isWriter: boolean;
  #lines: Uint8Array[] = [];
  /** Lines that are in the file, and their bytes. */
  #written = { lines: 0, bytes: 0 };

  /**
   * Reads the events so far; the file is not made before the first line.
   *
   * @param path The file.
   * @param onFailure Called with each error of a write.
   * @param isWriter Whether this process writes the file; another one does otherwise.
   */
  constructor(
    path: string,
    onFailure: (error: unknown) => void,
    isWriter = true,
  ) {
    this.#path = path;
    this.#onFailure = onFailure;
    this.#isWriter = isWriter;
    if (!exists(path)) return;
    const bytes = Deno.readFileSync(path);
    // A last line without its end is torn: the process was killed while it was written.
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start) + 1;
      if (end === 0) break;
      this.#lines.push(bytes.subarray(start, end));
      start = end;
    }
    this.#written = sizeOf(this.#lines);
  }

  /** Number of lines so far. */
  get lineCount(): number {
    return this.#lines.length;
  }

  /** The events so far, without lines that are no JSON. */
  get events(): LogEvent[] {
    const decoder = new TextDecoder();
    return this.#lines.flatMap((line) => {
      try {
        return [JSON.parse(decoder.decode(line))];
      } catch {
        return [];
      }
    });
  }

  /**
   * Appends a line.
   *
   * @param event The event.
   */
  log(event: LogEvent): void {
    this.#lines.push(
      new TextEncoder().encode(`${JSON.stringify(event)}\n`),
    );
    this.#write(false);
  }

  /** Writes the lines that wait, and syncs the file to the disk. */
  sync(): void {
    this.#write(true);
  }

  /**
   * Drops the lines after a checkpoint; the file follows with the next line.
   *
   * @param lineCount Number of lines to keep.
   * @returns Whether there are that many; else all of them are kept.
   */
  cutBack(lineCount: number): boolean {
    if (lineCount > this.#lines.length) return false;
    this.#lines.length = lineCount;
    if (this.#written.lines > lineCount) this.#written = sizeOf(this.#lines);
    return true;
  }

  #write(isSynced: boolean): void {
    if (!this.#isWriter) return;
    try {
      using file = Deno.openSync(this.#path, { write: true, create: true });
      const { size } = file.statSync();
      if (size < this.#written.bytes) {
        this.#written = sizeOf([]); // it was removed, or cut by others
      }
      // A part of a line that could not be written whole.
      if (size > this.#written.bytes) file.truncateSync(this.#written.bytes);
      for (const bytes of this.#lines.slice(this.#written.lines)) {
        file.seekSync(this.#written.bytes, Deno.SeekMode.Start);
        for (let done = 0; done < bytes.length;) {
          done += file.writeSync(bytes.subarray(done));
        }
        this.#written.lines++;
        this.#written.bytes += bytes.length;
      }
      if (isSynced) file.syncSync();
    } catch (error) {
      this.#onFailure(error);
    }
  }
}

function sizeOf(
  lines: readonly Uint8Array[],
): { lines: number; bytes: number } {
  const bytes = lines.reduce((sum, { length }) => sum + length, 0);
  return { lines: lines.length, bytes };
}
