/**
 * Model card: `README.md` of a model folder, as the Hub shows it. It has the
 * figures of the run, and claims nothing that was not measured.
 *
 * @module
 */
import type { CardEvaluation, ModelCardData } from "./card_data.ts";
import { markdownTable, plain } from "./markdown.ts";
import { metadata, ONNX_TAGS } from "./metadata.ts";
import { nameOnnxFiles, usageSection } from "./usage.ts";

/** Parts of `config.json` that are no settings, or have paths of a computer. */
const NO_SETTINGS = [
  "adapter",
  "data",
  "digests",
  "flags",
  "model",
  "outputDir",
  "script",
  "seed",
  "tuning",
  "tuningSeconds",
  "versions",
];
/** Labels that are named in a sentence; more are in a table only. */
const MAX_NAMED = 12;
/** Rows of a label below which its scores say little. */
const FEW_ROWS = 30;

/**
 * Writes a model card.
 *
 * @param data The data of a model card.
 * @returns The text of `README.md`.
 */
export function modelCard(data: ModelCardData): string {
  const sections = [
    introduction(data),
    scoresSection(data),
    dataSection(data),
    usageSection(data),
    trainingSection(data),
    limitsSection(data),
  ];
  return `---\n${metadata(data)}---\n\n${sections.join("\n")}`;
}

/**
 * Names the ONNX files of a folder in its card, whose other text may be a user's.
 *
 * @param card The text of `README.md`.
 * @param onnxFiles Paths of all ONNX files in the folder.
 * @returns The card as {@linkcode modelCard} writes it with these files; the same text if it is another card.
 */
export function withOnnxFiles(
  card: string,
  onnxFiles: readonly string[],
): string {
  const named = nameOnnxFiles(card, onnxFiles);
  if (named === undefined) return card;
  return named.replace(TAGS, (all, tags: string) => {
    const missing = ONNX_TAGS.map((tag) => `  - "${tag}"\n`)
      .filter((line) => !tags.includes(line));
    return `${all}${missing.join("")}`;
  });
}

/** The list of tags in the metadata of {@linkcode modelCard}. */
const TAGS = /^---\n[\s\S]*?^tags:\n((?: {2}- ".*"\n)+)/m;

function introduction(
  { title, baseModel, modelType, problemType, labelNames, dataset }:
    ModelCardData,
): string {
  const texts = dataset.textColumns.length > 1 ? "pairs of texts" : "texts";
  const names = labelNames.length > MAX_NAMED
    ? ""
    : `: ${labelNames.map(plain).join(", ")}`;
  const kind = {
    regression: `predicts a number for ${texts}${names}`,
    single_label_classification:
      `labels ${texts} with one of ${labelNames.length} labels${names}`,
    multi_label_classification:
      `labels ${texts} with any of ${labelNames.length} labels${names}`,
  }[problemType];
  const base = baseModel === undefined
    ? `A ${plain(modelType)} model`
    : `${plain(baseModel)}`;
  return `# ${plain(title)}

${base}, fine-tuned on ${plain(dataset.name)} with gradloop. It ${kind}.
`;
}

function scoresSection(data: ModelCardData): string {
  const { evaluations, baselineName } = data;
  if (evaluations.length === 0) {
    return "## Scores\n\nThe model was not evaluated.\n";
  }
  const scores = evaluations.flatMap(({ scores }) => scores);
  const notes = [
    scores.some(({ interval }) => interval)
      ? "The interval has 95 % of the scores of as many rows, drawn again and again from these (bootstrap): another sample would not give the same score."
      : "",
    baselineName !== undefined &&
      scores.some(({ baseline }) => baseline !== undefined)
      ? `The baseline is ${plain(baselineName)}.`
      : "",
  ].filter((note) => note !== "");
  return [
    "## Scores\n",
    ...notes.length > 0 ? [`${notes.join(" ")}\n`] : [],
    ...evaluations.map(evaluationTables),
  ].join("\n");
}

function evaluationTables(
  { split, rows, scores, classes = [] }: CardEvaluation,
): string {
  const hasInterval = scores.some(({ interval }) => interval);
  const hasBaseline = scores.some(({ baseline }) => baseline !== undefined);
  const tables = [markdownTable(
    [
      "score",
      "value",
      ...hasInterval ? ["95 % interval"] : [],
      ...hasBaseline ? ["baseline"] : [],
    ],
    scores.map(({ name, value, interval, baseline }) => [
      name,
      fixed(value),
      ...hasInterval
        ? [interval && `${fixed(interval.low)} – ${fixed(interval.high)}`]
        : [],
      ...hasBaseline ? [baseline === undefined ? "" : fixed(baseline)] : [],
    ]),
  )];
  if (classes.length > 0) {
    tables.push(markdownTable(
      ["label", "precision", "recall", "F1", "rows"],
      classes.map(({ label, precision, recall, f1, support }) => [
        label,
        ...[precision, recall, f1].map(fixed),
        `${support}`,
      ]),
    ));
  }
  return `### ${plain(split)}, ${rows} rows\n\n${tables.join("\n\n")}\n`;
}

function dataSection(
  { dataset, labelNames, thresholds }: ModelCardData,
): string {
  const { name, hubName, textColumns, labelColumns, splits } = dataset;
  const columns = (names: readonly string[]) => names.map(plain).join(", ");
  const source = hubName === undefined
    ? plain(name)
    : `[${plain(hubName)}](https://huggingface.co/datasets/${hubName})`;
  const hasCounts = splits.some(({ labelCounts }) => labelCounts);
  const tables = [markdownTable(
    ["split", "rows"],
    splits.map(({ name, rows }) => [name, `${rows}`]),
  )];
  if (hasCounts || thresholds) {
    tables.push(markdownTable(
      [
        "label",
        ...splits.map(({ name }) => `rows of ${name}`),
        ...thresholds ? ["threshold"] : [],
      ],
      labelNames.map((label, i) => [
        label,
        ...splits.map(({ labelCounts }) =>
          labelCounts && `${labelCounts[i] ?? 0}`
        ),
        ...thresholds ? [fixed(thresholds[i]!)] : [],
      ]),
    ));
  }
  const rule = thresholds
    ? "\nA label is predicted where its score reaches its threshold.\n"
    : "";
  return `## Data

${source}: texts in ${columns(textColumns)}, labels in ${columns(labelColumns)}.

${tables.join("\n\n")}
${rule}`;
}

function trainingSection({ config, steps }: ModelCardData): string {
  const { seed, adapter, versions } = config;
  const settings = Object.entries(config).filter(([name, value]) =>
    !NO_SETTINGS.includes(name) && value !== null && value !== undefined
  );
  const facts: [string, unknown][] = [
    ["steps of the weights", steps],
    ["seed", seed],
    ["adapter", adapter],
    ...Object.entries(Object(versions)),
  ];
  const table = (head: string[], rows: [string, unknown][]) =>
    markdownTable(
      head,
      rows.filter(([, value]) => value !== undefined && value !== null)
        .map(([name, value]) => [
          name,
          typeof value === "string" ? value : JSON.stringify(value),
        ]),
    );
  const tables = [
    table(["run", ""], facts),
    ...settings.length > 0 ? [table(["setting", "value"], settings)] : [],
  ];
  return `## Training\n\n${tables.join("\n\n")}\n`;
}

function limitsSection(data: ModelCardData): string {
  const { dataset, evaluations, maxLength, baseModel } = data;
  const train = dataset.splits.find(({ name }) => name === "train");
  const limits = [
    `It was trained on ${train ? `${train.rows} rows of ` : ""}${
      plain(dataset.name)
    }. On texts of another kind, source, time or language it was not measured.`,
    `A text is truncated after ${maxLength} tokens${
      dataset.truncatedRows === undefined
        ? ""
        : `; ${dataset.truncatedRows} training rows were`
    }.`,
  ];
  for (const { split, classes = [], isSelection } of evaluations) {
    if (isSelection) {
      limits.push(
        `The model was chosen by its scores on ${
          plain(split)
        }, which are therefore a little too good.`,
      );
    }
    const rare = classes.filter(({ support }) => support < FEW_ROWS);
    if (rare.length > 0) {
      limits.push(
        `Labels with fewer than ${FEW_ROWS} rows in ${
          plain(split)
        }, whose scores say little: ${
          rare.map(({ label, support }) => `${plain(label)} (${support})`)
            .join(", ")
        }.`,
      );
    }
  }
  limits.push(
    "Whether it treats groups of people differently was not measured.",
    `This card names no licence: ${
      baseModel === undefined
        ? "those of the model that was fine-tuned and of the data apply"
        : `those of ${plain(baseModel)} and of the data apply`
    }.`,
  );
  return `## Limits\n\n${limits.map((limit) => `- ${limit}\n`).join("")}`;
}

function fixed(value: number): string {
  return Number.isFinite(value) ? value.toFixed(4) : "not defined";
}
