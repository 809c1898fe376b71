/**
 * Curves of a training.
 *
 * @module
 */
import type { Run } from "../state.ts";
import { html, type TemplateResult } from "../ui/html.ts";
import type { Chart, Line } from "../ui/line_chart.ts";
import { percent } from "../ui/page.ts";

/** Points of a curve: more are no finer on a screen. */
const MAX_POINTS = 600;
/** Weight of the past in the smooth curve of the loss. */
const SMOOTHING = 0.9;

/**
 * Draws loss, accuracy and learning rate.
 *
 * @param run The training.
 * @returns The figures.
 */
export function curves(run: Run): TemplateResult {
  return html`
    <div class="curves">
      ${figure("Loss", lossChart(run))}
      ${figure("Accuracy on the held-out rows", accuracyChart(run))}
      ${figure("Learning rate", rateChart(run))}
    </div>
  `;
}

function figure(title: string, chart: Chart): TemplateResult {
  return html`
    <figure>
      <figcaption>
        <h3>${title}</h3>
        <ul class="legend">${chart.lines.filter(({ isFaint }) => !isFaint)
          .map(({ name, colour, isDashed }) =>
            html`<li><span class=${
              isDashed ? "dashed" : ""
            } .style=${`--colour:var(${colour})`}></span>${name}</li>`
          )}</ul>
      </figcaption>
      <line-chart .chart=${chart}></line-chart>
    </figure>
  `;
}

/**
 * Makes the chart of the loss: each step, their smooth curve, and the held-out rows.
 *
 * @param run The training.
 * @returns The chart.
 */
export function lossChart(run: Run): Chart {
  const { steps, evaluations } = run;
  const smooth = smoothed(steps.map(({ loss }) => loss));
  const every = Math.max(1, Math.ceil(steps.length / MAX_POINTS));
  const shown = steps.map((_, i) => i)
    .filter((i) => i % every === 0 || i === steps.length - 1);
  const rows = [
    ...shown.map((i) => ({
      step: steps[i]!.step,
      values: [steps[i]!.loss, smooth[i]!, null],
    })),
    ...evaluations.map(({ step, loss }) => ({
      step,
      values: [null, null, loss],
    })),
  ].sort((a, b) => a.step - b.step);
  const [last, evaluation] = [smooth.at(-1), evaluations.at(-1)];
  return {
    label: last === undefined
      ? "Line chart of the loss, empty so far."
      : `Line chart of the loss by step. Of the training rows it is ${
        last.toFixed(2)
      } now${
        evaluation
          ? `, of the held-out rows it was ${evaluation.loss.toFixed(2)}`
          : ""
      }.`,
    x: rows.map(({ step }) => step),
    xMax: totalOf(run),
    format: (value) => value.toFixed(1),
    lines: [
      line("each step", "--series-1", rows, 0, { isFaint: true }),
      line("training rows", "--series-1", rows, 1),
      line("held-out rows", "--series-2", rows, 2, { hasPoints: true }),
    ],
  };
}

function accuracyChart(run: Run): Chart {
  const { evaluations, plan } = run;
  const xMax = totalOf(run);
  const { majority = 0, words = 0 } = plan?.baselines ?? {};
  const x = [0, ...evaluations.map(({ step }) => step), xMax + 1];
  const last = evaluations.at(-1);
  const flat = (value: number) => x.map(() => value);
  return {
    label: `Line chart of the accuracy by step.${
      last ? ` It is ${percent(last.accuracy)} now.` : ""
    } Always the most frequent class: ${
      percent(majority)
    }. A simple model of words: ${percent(words)}.`,
    x,
    xMax,
    yRange: [0, 1],
    format: (value) => percent(value),
    lines: [
      {
        name: "this model",
        colour: "--series-1",
        hasPoints: true,
        values: [null, ...evaluations.map(({ accuracy }) => accuracy), null],
      },
      {
        name: "simple model of words",
        colour: "--series-3",
        isDashed: true,
        values: flat(words),
      },
      {
        name: "most frequent class",
        colour: "--muted",
        isDashed: true,
        values: flat(majority),
      },
    ],
  };
}

function rateChart(run: Run): Chart {
  const { steps } = run;
  const every = Math.max(1, Math.ceil(steps.length / MAX_POINTS));
  const shown = steps.filter(({ step }, i) =>
    step % every === 0 || i === steps.length - 1
  );
  const last = steps.at(-1);
  return {
    label: `Line chart of the learning rate by step.${
      last ? ` It is ${last.learningRate.toExponential(1)} now.` : ""
    }`,
    x: shown.map(({ step }) => step),
    xMax: totalOf(run),
    yRange: [0, (run.plan?.settings.learningRate ?? 1) * 1.05],
    format: (value) => value === 0 ? "0" : value.toExponential(0),
    lines: [{
      name: "rises, then falls",
      colour: "--series-1",
      values: shown.map(({ learningRate }) => learningRate),
    }],
  };
}

function totalOf({ plan }: Run): number {
  return plan?.totalSteps ?? 1;
}

function line(
  name: string,
  colour: string,
  rows: readonly { readonly values: readonly (number | null)[] }[],
  column: number,
  options: Partial<Line> = {},
): Line {
  return {
    ...{ name, colour },
    values: rows.map(({ values }) => values[column]!),
    ...options,
  };
}

/** Exponential moving average without the bias of its start. */
function smoothed(values: readonly number[]): number[] {
  let [mean, weight] = [0, 0];
  return values.map((value) => {
    mean = SMOOTHING * mean + (1 - SMOOTHING) * value;
    weight = SMOOTHING * weight + (1 - SMOOTHING);
    return mean / weight;
  });
}
