/**
 * Data: tables and their files, tokenizers, batches.
 *
 * @module
 */
export {
  type DataCollatorOptions,
  dataCollatorWithPadding,
} from "./collator.ts";
export {
  dataCollatorForLanguageModeling,
  type LanguageModelingCollator,
  type LanguageModelingCollatorOptions,
} from "./collator_for_language_modeling.ts";
export { readArrow } from "./arrow.ts";
export { readCsv, readTsv, type TableOptions } from "./csv.ts";
export { type BinarySource } from "./files.ts";
export { readJsonl } from "./jsonl.ts";
export { readParquet } from "./read_parquet.ts";
export { numericLabels } from "./numeric_labels.ts";
export { type TextSource } from "./text_source.ts";
export { loadDataFile } from "./data_file.ts";
export { DataLoader } from "./data_loader.ts";
export { type DataLoaderOptions } from "./data_loader_options.ts";
export {
  type DataLoaderCheckpoint,
  type DataLoaderState,
} from "./data_loader_state.ts";
export {
  type Column,
  Dataset,
  type DatasetInfo,
  type MapOptions,
  type Row,
} from "./dataset.ts";
export { DatasetDict, type Splits } from "./dataset_dict.ts";
export {
  DistributedSampler,
  type DistributedSamplerOptions,
} from "./distributed_sampler.ts";
export { type DuplicateRows, findDuplicates } from "./duplicates.ts";
export {
  type Batch,
  HostTensor,
  type LabelledBatch,
  type NestedNumbers,
} from "./host_tensor.ts";
export { loadDataset, type LoadDatasetOptions } from "./load_dataset.ts";
export {
  type DataSource,
  LengthGroupedSampler,
  type LengthGroupedSamplerOptions,
  RandomSampler,
  type RandomSamplerOptions,
  type Sampler,
  SequentialSampler,
} from "./sampler.ts";
export { type ProcessPlace, type RowRange } from "./partition.ts";
export {
  type DecodeOptions,
  type EncodeOptions,
  type Encoding,
  type SaveTokenizerOptions,
  Tokenizer,
} from "./tokenizer.ts";
export {
  type TrainTestSplit,
  trainTestSplit,
  type TrainTestSplitOptions,
} from "./train_test_split.ts";
