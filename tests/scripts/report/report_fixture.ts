import { Random } from "../../../lib/random.ts";
import type {
  EvaluatedRow,
  Label,
  ReportData,
} from "../../../scripts/report/report_data.ts";

/** Words of each class of {@linkcode messages}. */
const WORDS: Readonly<Record<string, string>> = {
  delivery: "parcel late courier tracking delivered doorstep shipping",
  refund: "refund money back charged twice invoice return",
  account: "password login locked email reset profile name",
  "technical problem": "crash error screen update freezes app version",
  praise: "thanks great lovely helpful quick friendly best",
  "legal & privacy": "data consent delete gdpr policy lawyer terms",
  spam: "prize winner click free casino offer crypto",
};

/** Classes of {@linkcode messages}. */
export const CLASSES: readonly string[] = Object.keys(WORDS);

/** Shares of the classes: out of balance, as in the field. */
const SHARES = [0.5, 0.2, 0.1, 0.1, 0.05, 0.03, 0.02];

const COMMON =
  "the a my and is was it to I you please order since again not when for with";

/** Texts that break a page that does not escape them. */
export const HOSTILE: readonly string[] = [
  "<script>document.title = 'run'</script> & \"quotes\" 'here' </style>",
  "</td></table><img src=x onerror=alert(1)>",
  "\u202emirrored\u202c and \u2067isolated\u2069 text, bell \u0007, nul \0",
  "🚚📦 late again 😡 \ud83d half a pair",
  "הזמנה שלי מאחרת, order 12",
  "",
];

/** Messages with their classes. */
export interface Messages {
  readonly texts: string[];
  readonly labels: number[];
}

/** Makes messages of seven classes; every fiftieth has 600 words. */
export function messages(rows: number, seed = 1): Messages {
  const random = new Random(seed);
  const pick = (words: string) => {
    const list = words.split(" ");
    return list[random.below(list.length)]!;
  };
  const labels = Array.from({ length: rows }, () => {
    let [share, label] = [random.nextFloat(), 0];
    while (label < SHARES.length - 1 && share > SHARES[label]!) {
      share -= SHARES[label++]!;
    }
    return label;
  });
  const texts = labels.map((label, i) => {
    const own = WORDS[CLASSES[label]!]!;
    const other = WORDS[CLASSES[random.below(CLASSES.length)]!]!;
    const length = i % 50 === 49 ? 600 : 6 + random.below(30);
    return Array.from({ length }, () => {
      const x = random.nextFloat();
      return pick(x < 0.72 ? COMMON : x < 0.9 ? own : other);
    }).join(" ");
  });
  return { texts, labels };
}

/** Probabilities of a model that knows the class in most rows. */
function probabilities(label: number, random: Random): number[] {
  const logits = CLASSES.map((_, i) =>
    random.normal() * 1.1 + (i === label ? 3.2 : 0)
  );
  const most = Math.max(...logits);
  const exps = logits.map((x) => Math.exp(x - most));
  const sum = exps.reduce((a, b) => a + b);
  return exps.map((x) => x / sum);
}

/** Data of a report on seven classes: a run of four epochs that overfits a little. */
export function classesData(rows = 300, trainRows = 2700): ReportData {
  const random = new Random(3);
  const train = messages(trainRows, 1);
  const validation = messages(rows, 2);
  HOSTILE.forEach((text, i) => validation.texts[i * 3] = text);
  train.texts[7] = train.texts[3]!;
  validation.texts[40] = train.texts[3]!;
  const evaluated = validation.labels.map((label, row): EvaluatedRow => {
    // Every twentieth row has a wrong label, and every third hostile text.
    const isFlipped = row % 20 === 0;
    return {
      row: 10 * row + 4,
      texts: [validation.texts[row]!],
      label: isFlipped ? (label + 1) % CLASSES.length : label,
      predictions: probabilities(label, random),
    };
  });
  const steps = 4 * Math.ceil(trainRows / 16);
  const scoreOf = [0.78, 0.861, 0.874, 0.871];
  return {
    title: "runs/messages",
    problemType: "single_label_classification",
    labelNames: CLASSES,
    events: Array.from({ length: steps }, (_, i) => {
      const [step, done] = [i + 1, (i + 1) / steps];
      const loss = 1.7 * Math.exp(-3.2 * done) + 0.12 +
        0.15 * random.nextFloat();
      const learningRate = 5e-5 * Math.min(done / 0.1, (1 - done) / 0.9);
      const epoch = Math.floor(i * 4 / steps);
      const isLast = step * 4 % steps === 0;
      return [
        { event: "step", step, epoch, loss, learningRate },
        ...isLast
          ? [{
            event: "eval",
            step,
            epoch,
            accuracy: scoreOf[epoch]!,
            f1: scoreOf[epoch]! - 0.14 + 0.02 * epoch,
            loss: [0.72, 0.53, 0.51, 0.58][epoch]!,
            trainSeconds: 10 * step,
          }]
          : [],
      ];
    }).flat(),
    baselines: {
      majority: { accuracy: 0.5, f1: 0.095 },
      words: { accuracy: 0.823, f1: 0.66 },
    },
    evaluation: { split: "validation", rows: evaluated, step: steps },
    labels: { train: train.labels, validation: validation.labels },
    rowNumbers: { validation: evaluated.map(({ row }) => row) },
    train: {
      texts: train.texts.map((text) => [text]),
      tokens: train.texts.map((text) =>
        Math.ceil(1.3 * text.split(" ").length) + 2
      ),
      maxLength: 128,
    },
    duplicates: [{
      values: [train.texts[3]],
      rows: [
        { split: "train", row: 3 },
        { split: "train", row: 7 },
        { split: "validation", row: 40 },
      ],
    }],
    config: {
      script: "train_classifier",
      data: "messages.csv",
      epochs: 4,
      learningRate: 5e-5,
      maxLength: 128,
      seed: 42,
      dropout: null,
      flags: { data: "messages.csv", epochs: 4 },
      versions: { gradloop: "0.1.0", deno: "2.9.6" },
      adapter: "llvmpipe: a software adapter",
      digests: { data: { "messages.csv": "ab".repeat(32) } },
    },
    command: "./denow task classify --data messages.csv --epochs 4",
  };
}

/** Data of a report on two classes: delivery or not. */
export function binaryData(rows = 300): ReportData {
  const data = classesData(rows, 400);
  const toBinary = (label: Label) => label === 0 ? 1 : 0;
  return {
    ...data,
    labelNames: ["other", "delivery"],
    evaluation: {
      ...data.evaluation,
      rows: data.evaluation.rows.map((row) => ({
        ...row,
        label: toBinary(row.label),
        predictions: [1 - row.predictions[0]!, row.predictions[0]!],
      })),
    },
    labels: {
      train: data.labels.train!.map(toBinary),
      validation: data.labels.validation!.map(toBinary),
    },
  };
}

/** Data of a report on several labels per row. */
export function multiLabelData(rows = 300): ReportData {
  const data = classesData(rows, 400);
  const toLabels = (label: Label) =>
    CLASSES.map((_, i) => i === label || i === (label as number) + 2 ? 1 : 0);
  const random = new Random(5);
  return {
    ...data,
    problemType: "multi_label_classification",
    baselines: { majority: { f1Micro: 0.3, f1Macro: 0.1 } },
    evaluation: {
      ...data.evaluation,
      thresholds: CLASSES.map((_, i) => 0.3 + 0.05 * i),
      rows: data.evaluation.rows.map((row) => ({
        ...row,
        label: toLabels(row.label),
        predictions: toLabels(row.label).map((label) =>
          1 / (1 + Math.exp(-(4 * label - 2 + 1.5 * random.normal())))
        ),
      })),
    },
    labels: {
      train: data.labels.train!.map(toLabels),
      validation: data.labels.validation!.map(toLabels),
    },
  };
}

/** Data of a report on numbers, such as the similarity of two texts. */
export function regressionData(rows = 300): ReportData {
  const data = classesData(rows, 400);
  const random = new Random(6);
  const numbers = (n: number) =>
    Array.from({ length: n }, () => Math.round(50 * random.nextFloat()) / 10);
  const labels = numbers(rows);
  return {
    ...data,
    problemType: "regression",
    labelNames: ["similarity"],
    events: data.events.map(({ accuracy, f1: _, ...event }) =>
      accuracy === undefined ? event : { ...event, pearson: accuracy }
    ),
    baselines: {},
    evaluation: {
      ...data.evaluation,
      rows: data.evaluation.rows.map((row, i) => ({
        ...row,
        texts: [...row.texts, "a second text"],
        label: labels[i]!,
        predictions: [2.5 + 0.7 * (labels[i]! - 2.5) + 0.4 * random.normal()],
      })),
    },
    labels: { train: numbers(400), validation: labels },
  };
}
