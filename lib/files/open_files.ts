/**
 * Open files that are closed together.
 *
 * @module
 */

/** Files, closed by `using`: a `DisposableStack`, which Safari and Node 22 lack. */
export class OpenFiles implements Disposable {
  #files: Disposable[] = [];

  /** Adds a file and returns it. */
  use<File extends Disposable>(file: File): File {
    this.#files.push(file);
    return file;
  }

  /** Hands the files over to another object, which closes them instead. */
  move(): OpenFiles {
    const other = new OpenFiles();
    other.#files = this.#files;
    this.#files = [];
    return other;
  }

  /** Closes the files. */
  [Symbol.dispose](): void {
    for (const file of this.#files.splice(0)) file[Symbol.dispose]();
  }
}
