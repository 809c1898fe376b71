/**
 * ALBERT.
 *
 * @module
 */
export { AlbertLayer, AlbertLayerGroup, AlbertModel } from "./albert.ts";
export { AlbertConfig, type AlbertConfigOptions } from "./albert_config.ts";
export { AlbertForSequenceClassification } from "./albert_for_sequence_classification.ts";
