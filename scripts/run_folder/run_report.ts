/**
 * Views of a run: `report.html` and `tensorboard/`.
 *
 * @module
 */
import { writeFile } from "../../mod.ts";
import { TensorBoardWriter } from "../tensorboard/writer.ts";
import type { RunFolder } from "./run_folder.ts";
import type { RunResults } from "./run_parts.ts";

/** Writes `report.html`, if the results make one, and `tensorboard/`, without which the training can go on. */
export class RunReport {
  readonly #folder: RunFolder;
  readonly #results: RunResults;
  #tensorBoard: TensorBoardWriter | undefined;

  /**
   * Takes the parts of a run.
   *
   * @param folder Its folder.
   * @param results Its scores.
   */
  constructor(folder: RunFolder, results: RunResults) {
    this.#folder = folder;
    this.#results = results;
  }

  /**
   * Writes both; a failure is reported once.
   *
   * @param step Steps of the weights that were evaluated last.
   * @param trainSeconds Seconds of training so far.
   */
  async write(step: number, trainSeconds: number): Promise<void> {
    const folder = this.#folder;
    const run = { ...folder.reported, step };
    this.#tensorBoard ??= new TensorBoardWriter(folder.path, run.config);
    const writer = this.#tensorBoard;
    await folder.attempt(
      "tensorboard/",
      () => writer.write(run.events, trainSeconds),
    );
    const { report } = this.#results;
    if (!report) return;
    await folder.attempt("report.html", async () => {
      const html = await report.call(this.#results, run);
      await writeFile(folder.path, "report.html", html);
    });
  }
}
