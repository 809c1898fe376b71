import type { FileMutations } from "./mutation.ts";

const tests = (name: string) => [`tests/scripts/report/${name}_test.ts`];
const PAGE = tests("report_page");

/** Mutations of the reports. */
export const REPORT: readonly FileMutations[] = [
  {
    file: "scripts/report/html.ts",
    tests: tests("html"),
    changes: [
      ['"<": "&lt;",', '"<": "<",'],
      ["size > bytes", "size < 0"],
    ],
  },
  {
    file: "scripts/report/chart.ts",
    tests: tests("chart"),
    changes: [["(?:role|", "(?:"], ["clean(marks)", "marks"]],
  },
  {
    file: "scripts/report/chart.ts",
    tests: tests("encodings"),
    changes: [["textMetrics.width =", "textMetrics.width ??="], [
      "(wide + 0.6",
      "(0.6",
    ]],
  },
  {
    file: "scripts/report/encodings.ts",
    tests: tests("encodings"),
    changes: [
      ["symbolType: symbol", 'symbolType: "stroke"'],
      [', format: ",~r"', ""],
      ["labelLimit: CHART_WIDTH - BESIDE", "labelLimit: 70"],
      ["Math.min(3, Math.max(1, fitting))", "3"],
    ],
  },
  {
    file: "scripts/report/balance_chart.ts",
    tests: tests("encodings"),
    changes: [['seriesOf(splits, "square")', "seriesOf(splits)"]],
  },
  {
    file: "scripts/report/training_charts.ts",
    tests: tests("encodings"),
    changes: [['field: "place"', 'field: "score"']],
  },
  {
    file: "scripts/report/baseline_lines.ts",
    tests: tests("encodings"),
    changes: [["Math.min(score, place - height)", "score"]],
  },
  {
    file: "scripts/report/scores_section.ts",
    tests: PAGE,
    changes: [
      ['others.filter(({ split }) => split !== "train")', "others"],
      [
        "scoreLines(data, names, rows), [])",
        "scoreLines(data, names, []), [])",
      ],
    ],
  },
  {
    file: "scripts/report/layout.ts",
    tests: PAGE,
    changes: [
      ["default-src 'none'; ", ""],
      ['<th scope="col" ${kind(i)}>', "<th ${kind(i)}>"],
    ],
  },
  {
    file: "scripts/report/series.ts",
    tests: tests("series"),
    changes: [["at(i + 1)", "at(i) + 1"]],
  },
  {
    file: "scripts/report/judged_rows.ts",
    tests: tests("analysis"),
    changes: [
      ["b.loss - a.loss", "a.loss - b.loss"],
      ["evaluation.thresholds?.[i] ?? 0.5", "0.5"],
    ],
  },
  {
    file: "scripts/report/score_lines.ts",
    tests: tests("analysis"),
    changes: [
      ["intervals.f1(average, positiveLabel)", "intervals.f1(average)"],
      ["predictions[positiveLabel]!", "predictions[1]!"],
    ],
  },
  {
    file: "scripts/report/label_intervals.ts",
    tests: tests("analysis"),
    changes: [
      ["isActual * isPredicted", "isPredicted"],
      [".every((both) => both === 1)", ".some((both) => both === 1)"],
      ["!this.#isMultiLabel && ", ""],
    ],
  },
  {
    file: "scripts/report/word_baseline.ts",
    tests: tests("word_baseline"),
    changes: [
      ["Math.exp(y * scores[label]!)", "Math.exp(scores[label]!)"],
      ["i === 0 ? word : `${i}:${word}`", "word"],
    ],
  },
  {
    file: "scripts/report/findings.ts",
    tests: tests("findings"),
    changes: [
      ["sign * (worst - best.score) > 0", "sign * (value - best.score) > 0"],
      ["moreIsBetter(key) ? 1 : -1", "1"],
      ["sign * (b.score - a.score)", "b.score - a.score"],
      ['problemType === "regression"\n            ?', "false\n            ?"],
    ],
  },
  {
    file: "scripts/report/duplicate_rows.ts",
    tests: [...tests("findings"), ...PAGE],
    changes: [["new Set(found).size > 1", "found.length > 1"]],
  },
  {
    file: "scripts/report/comparison_page.ts",
    tests: tests("comparison_page"),
    changes: [
      ["moreIsBetter(key) ? Math.max(...known)", "key ? Math.max(...known)"],
      [
        ".filter(([, values]) => new Set(values).size > 1)",
        ".filter(([, values]) => values.length > 1)",
      ],
    ],
  },
];
