/**
 * The table of Arrow messages: batches of rows, one after the other, and the
 * dictionaries that they refer to.
 *
 * @module
 */
import { BatchCursor } from "./arrow_buffers.ts";
import { ColumnReader } from "./arrow_columns.ts";
import type { Batch, DictionaryBatch, Messages } from "./arrow_messages.ts";
import { type ArrowField, isReadable, typeName } from "./arrow_schema.ts";
import { type ArrowColumn, concatenate } from "./arrow_values.ts";
import { unsupportedInteger, unsupportedType } from "./unsupported_columns.ts";

/** The columns that can be read, and the reasons for the others. */
export interface ArrowTable {
  readonly columns: Record<string, ArrowColumn>;
  readonly unsupportedColumns: ReadonlyMap<string, string>;
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Reads all columns.
 *
 * @param messages The messages of a file or stream.
 * @param fileSize Its size in bytes.
 * @returns The table.
 * @throws {Error} If a batch contradicts the schema, or itself.
 */
export function readTable(messages: Messages, fileSize: number): ArrowTable {
  const { fields, metadata } = messages.schema;
  const encoded = new Map(dictionaryFields(fields));
  const dictionaries = new Map<number, ArrowColumn>();
  const parts: ArrowColumn[][] = fields.map(() => []);
  const readerOf = (batch: Batch) => {
    const cursor = new BatchCursor(batch);
    return { cursor, reader: new ColumnReader(cursor, dictionaries, fileSize) };
  };
  for (const message of messages.batches) {
    if ("id" in message) {
      addDictionary(message, encoded, dictionaries, readerOf(message.batch));
      continue;
    }
    const { cursor, reader } = readerOf(message);
    fields.forEach((field, i) => {
      const column = reader.column(field);
      if (column.length !== message.length) {
        throw new Error(
          `column "${field.name}" has ${column.length} of ${message.length} rows`,
        );
      }
      parts[i]!.push(column);
    });
    cursor.end();
  }
  return { ...chooseColumns(fields, parts), metadata };
}

/** Returns the columns, or parts of them, with a dictionary, by its id. */
function* dictionaryFields(
  fields: readonly ArrowField[],
): Generator<[number, ArrowField]> {
  for (const { dictionary, ...field } of fields) {
    if (dictionary) yield [dictionary.id, field];
    yield* dictionaryFields(field.children);
  }
}

function addDictionary(
  { id, isDelta, batch }: DictionaryBatch,
  encoded: ReadonlyMap<number, ArrowField>,
  dictionaries: Map<number, ArrowColumn>,
  { cursor, reader }: { cursor: BatchCursor; reader: ColumnReader },
): void {
  const field = encoded.get(id);
  const before = dictionaries.get(id);
  if (!field || isDelta && !before) {
    throw new Error(`dictionary ${id} is out of place`);
  }
  const values = reader.column(field);
  cursor.end();
  if (values.length !== batch.length) {
    throw new Error(
      `dictionary ${id} has ${values.length} of ${batch.length} values`,
    );
  }
  dictionaries.set(id, isDelta ? concatenate([before!, values]) : values);
}

function chooseColumns(
  fields: readonly ArrowField[],
  parts: readonly ArrowColumn[][],
): Omit<ArrowTable, "metadata"> {
  const columns: [string, ArrowColumn][] = [];
  const unsupportedColumns = new Map<string, string>();
  const names = fields.map(({ name }) => name);
  fields.forEach((field, i) => {
    const column = concatenate(parts[i]!);
    const reason = names.indexOf(field.name) !== names.lastIndexOf(field.name)
      ? "the file has several columns of that name; rename them"
      : !isReadable(field)
      ? unsupportedType(typeName(field))
      : column.tooLarge !== undefined
      ? unsupportedInteger(column.tooLarge)
      : undefined;
    if (reason === undefined) columns.push([field.name, column]);
    else unsupportedColumns.set(field.name, reason);
  });
  return { columns: Object.fromEntries(columns), unsupportedColumns };
}
