/**
 * The pretrained model that is open.
 *
 * @module
 */
import type { ModelSource, ModelSummary } from "../messages.ts";
import { type BaseModel, type OnDownload, openModel } from "./model_files.ts";

/** Opens models, one in the place of another. */
export class OpenModel {
  readonly #onDownload: OnDownload;
  #base: BaseModel | undefined;
  /** Whether its files are those of a training that was restored. */
  #isRestored = false;

  /**
   * Opens none yet.
   *
   * @param onDownload Called while a file is downloaded.
   */
  constructor(onDownload: OnDownload) {
    this.#onDownload = onDownload;
  }

  /**
   * Opens a model.
   *
   * @param source Its place.
   * @returns Its description.
   */
  async open(source: ModelSource): Promise<ModelSummary> {
    this.#base = undefined;
    this.#base = await openModel(source, this.#onDownload);
    this.#isRestored = false;
    return this.#base.summary;
  }

  /**
   * Takes the model of a training that was restored.
   *
   * @param base The model, with the files of the training.
   */
  restore(base: BaseModel): void {
    this.#base = base;
    this.#isRestored = true;
  }

  /**
   * Returns the model as it was before any training.
   *
   * @returns The model.
   * @throws {Error} If a restored training began with files that the browser lost.
   */
  async pretrained(): Promise<BaseModel> {
    if (this.#isRestored) {
      const { origin, name } = this.#base!.summary;
      if (origin === "folder") {
        throw new Error(
          "After a reload the browser has the folder of the model no more: choose it again under Model",
        );
      }
      this.#base = await openModel(
        origin === "hub" ? { kind: origin, name } : { kind: origin },
        this.#onDownload,
      );
      this.#isRestored = false;
    }
    return this.#base!;
  }
}
