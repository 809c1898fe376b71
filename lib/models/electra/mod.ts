/**
 * ELECTRA.
 *
 * @module
 */
export { ElectraForSequenceClassification, ElectraModel } from "./electra.ts";
export { ElectraConfig, type ElectraConfigOptions } from "./electra_config.ts";
