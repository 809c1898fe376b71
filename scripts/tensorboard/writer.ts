/**
 * `tensorboard/` of a run: its events in the format of TensorBoard.
 *
 * @module
 */
import type { LogEvent } from "../run_folder/event_file.ts";
import { type EncodeEvent, loadEventProto } from "./event_proto.ts";
import { headEvents, valuesOf } from "./summaries.ts";
import { firstRecord, tfRecord } from "./tf_record.ts";
import { trainSecondsOf } from "./wall_times.ts";

const NAME = "events.out.tfevents.gradloop";

/** Offset of `wall_time` in an event: after its tag. */
const WALL_TIME = 1;

/**
 * Writes the event file of a run from the events of its `metrics.jsonl`, whenever
 * it is asked to. A run that goes on after it was killed writes the same file, so
 * that no event is there twice.
 *
 * The file is written in place: TensorBoard keeps it open and would not see one
 * that replaces it. A process that is killed in a write can leave a torn event,
 * where TensorBoard stops, until the next write.
 */
export class TensorBoardWriter {
  readonly #folder: string;
  readonly #settings: object;
  #encode: EncodeEvent | undefined;
  /** When the run started, in seconds since 1970. */
  #start = 0;
  /** Events up to the last evaluation, which do not change any more. */
  #final = { events: 0, bytes: 0 };

  /**
   * Makes a writer, without a file.
   *
   * @param folder Folder of the run.
   * @param settings Its settings, shown as a text.
   */
  constructor(folder: string, settings: object) {
    this.#folder = `${folder}/tensorboard`;
    this.#settings = settings;
  }

  /**
   * Writes the events that the file lacks.
   *
   * @param events All events of the run so far.
   * @param trainSeconds Seconds of training so far.
   * @throws {Error} If the file cannot be written.
   */
  async write(
    events: readonly LogEvent[],
    trainSeconds: number,
  ): Promise<void> {
    const encode = this.#encode ??= await loadEventProto();
    await Deno.mkdir(this.#folder, { recursive: true });
    using file = await Deno.open(`${this.#folder}/${NAME}`, {
      read: true,
      write: true,
      create: true,
    });
    const { size } = await file.stat();
    if (size < this.#final.bytes || events.length < this.#final.events) {
      this.#final = { events: 0, bytes: 0 }; // it was removed, or cut by others
    }
    const records: Uint8Array[] = [];
    if (this.#final.bytes === 0) {
      this.#start = await startOf(file) ?? Date.now() / 1000;
      for (const event of headEvents(this.#settings, this.#start)) {
        records.push(tfRecord(encode(event)));
      }
    }
    const seconds = trainSecondsOf(events, trainSeconds);
    let gradNorms: number[] = [];
    let finalEvents = this.#final.events;
    let finalRecords = records.length;
    for (const [i, event] of [...events.entries()].slice(finalEvents)) {
      const isEvaluation = event.event === "eval";
      const value = valuesOf(event, isEvaluation ? gradNorms : []);
      const wallTime = this.#start + seconds[i]!;
      if (value.length > 0) {
        const step = Number(event.step);
        records.push(tfRecord(encode({ wallTime, step, summary: { value } })));
      }
      if (isEvaluation) {
        gradNorms = [];
        finalEvents = i + 1;
        finalRecords = records.length;
      } else if (typeof event.gradNorm === "number") {
        gradNorms.push(event.gradNorm);
      }
    }
    await writeAt(file, this.#final.bytes, records);
    const bytes = sizeOf(records.slice(0, finalRecords));
    this.#final = { events: finalEvents, bytes: this.#final.bytes + bytes };
  }
}

/** Time in the first event of a file; undefined if it has none. */
async function startOf(file: Deno.FsFile): Promise<number | undefined> {
  const bytes = new Uint8Array(64); // more than the first event has
  await file.seek(0, Deno.SeekMode.Start);
  const length = await file.read(bytes) ?? 0;
  const event = firstRecord(bytes.subarray(0, length));
  if (event === undefined) return undefined;
  const { buffer, byteOffset } = event;
  return new DataView(buffer, byteOffset + WALL_TIME).getFloat64(0, true);
}

/** Writes records from an offset on, and cuts off the bytes after them. */
async function writeAt(
  file: Deno.FsFile,
  offset: number,
  records: readonly Uint8Array[],
): Promise<void> {
  await file.seek(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(sizeOf(records));
  let end = 0;
  for (const record of records) {
    bytes.set(record, end);
    end += record.length;
  }
  for (let done = 0; done < bytes.length;) {
    done += await file.write(bytes.subarray(done));
  }
  await file.truncate(offset + bytes.length);
}

function sizeOf(records: readonly Uint8Array[]): number {
  return records.reduce((sum, { length }) => sum + length, 0);
}
