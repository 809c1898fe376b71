/**
 * Presets of the training scripts.
 *
 * @module
 */

/** The settings of `course`, on which every preset builds. */
export const COURSE = {
  batchSize: 8,
  evalBatchSize: 8,
  epochs: 3,
  learningRate: 5e-5,
  lrSchedulerType: "linear",
  warmupSteps: 0,
  weightDecay: 0.01,
  maxGradNorm: 0,
  gradientAccumulationSteps: 1,
  maxLength: 512,
  seed: 42,
  loggingSteps: 10,
} as const;

/** Each preset: its description, and the settings in which it differs from `course`. */
export const PRESETS = {
  course: { about: "the loop of the Hugging Face course", sets: {} },
  trainer: {
    about: "the defaults of transformers' Trainer",
    sets: { weightDecay: 0, maxGradNorm: 1 },
  },
  "run_glue": {
    about: "the README of transformers' run_glue.py",
    sets: {
      batchSize: 32,
      epochs: 5,
      learningRate: 2e-5,
      weightDecay: 0,
      maxGradNorm: 1,
      maxLength: 128,
    },
  },
  embedded: {
    about: "for the embedded model",
    sets: {
      batchSize: 32,
      evalBatchSize: 32,
      learningRate: 5e-4,
      warmupRatio: 0.1,
      maxLength: 128,
    },
  },
} as const;
