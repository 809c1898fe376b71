/**
 * Changes of the state: by messages of the worker and by what the user does. Pure, so
 * that tests need no browser.
 *
 * @module
 */
import type { Problem, Reply, Section } from "./messages.ts";
import {
  type Action,
  INITIAL,
  isActive,
  type Run,
  type State,
  suitedSettings,
} from "./state.ts";

/**
 * Changes the state.
 *
 * @param state The state before.
 * @param event A message of the worker, or an action of the user.
 * @returns The state after.
 */
export function reduce(state: State, event: Reply | Action): State {
  switch (event.type) {
    case "device":
      return { ...state, device: event };
    case "noDevice":
      return { ...withProblem(state, event.problem), hasNoDevice: true };
    case "otherTab":
      return { ...state, otherTab: true };
    case "saved":
      return replace(state, { saved: event.run });
    case "occupied":
      return withProblem(state, {
        section: event.section,
        title: "A model is being trained",
        text:
          "It goes on. Stop it, or wait for its end, to open something else.",
      });
    case "opening":
      return withoutProblem(
        { ...replace(state, clearedBy(event.section)), busy: event.section },
        event.section,
      );
    case "table":
      return replace(state, {
        table: event.table,
        choice: INITIAL.choice,
        busy: undefined,
        announcement: `${event.table.name}: ${event.table.rows} rows`,
      });
    case "data":
      return suit(withoutProblem(
        replace(state, {
          data: event.data,
          choice: event.data.choice,
          busy: undefined,
        }),
        "data",
      ));
    case "download": {
      const { label, loaded, total } = event;
      return { ...state, download: { label, loaded, total } };
    }
    case "model":
      return suit(withoutProblem(
        replace(state, {
          model: event.model,
          busy: undefined,
          download: undefined,
          announcement: `${event.model.name} is open`,
        }),
        "model",
      ));
    case "choose":
      return withoutProblem(
        replace(state, { choice: event.choice, data: undefined }),
        "data",
      );
    case "set":
      return { ...state, settings: event.settings };
    case "starting":
    case "restoring":
      return withoutProblem(
        replace(state, {
          saved: undefined,
          result: undefined,
          archive: undefined,
          cell: undefined,
          trial: { ...INITIAL.trial, texts: state.trial.texts },
          run: { phase: "preparing", steps: [], evaluations: [] },
          announcement: "The training is being prepared",
        }),
        "train",
      );
    case "plan":
      return {
        ...withRun(state, { phase: "running", plan: event.plan }),
        settings: event.plan.settings,
        announcement: `The training runs: ${event.plan.totalSteps} steps`,
      };
    case "steps":
      return withRun(state, {
        steps: [...state.run?.steps ?? [], ...event.points],
        secondsLeft: event.secondsLeft,
      });
    case "evaluation": {
      const { step, accuracy } = event.point;
      return {
        ...withRun(state, {
          evaluations: [...state.run?.evaluations ?? [], event.point],
        }),
        announcement: `Step ${step}: ${
          Math.round(100 * accuracy)
        } % of the held-out rows are right`,
      };
    }
    case "paused":
    case "resumed":
    case "stopping":
      if (!isActive(state.run)) return state;
      return {
        ...withRun(state, {
          phase: event.type === "resumed" ? "running" : event.type,
        }),
        announcement: {
          paused: "Paused",
          resumed: "The training goes on",
          stopping: "The training is being ended",
        }[event.type],
      };
    case "finished":
      return {
        ...withRun(state, { phase: "finished", secondsLeft: 0 }),
        result: event.result,
        announcement: "The model is trained. You can try it now.",
      };
    case "show":
      return replace(state, { cell: event.cell });
    case "typed":
      return {
        ...state,
        trial: { id: state.trial.id + 1, texts: event.texts },
      };
    case "prediction":
      if (event.id !== state.trial.id) return state;
      return {
        ...state,
        trial: { ...state.trial, probabilities: event.probabilities },
      };
    case "explanation": {
      const { id, label, words } = event;
      if (id !== state.trial.id) return state;
      return {
        ...state,
        trial: { ...state.trial, explanation: { label, words } },
      };
    }
    case "archive":
      return replace(state, {
        archive: event.files,
        busy: undefined,
        announcement: "The model is packed",
      });
    case "failed":
      return withRun(withProblem(state, event.problem), { phase: "failed" });
    case "problem":
      return withProblem(state, event.problem);
  }
}

/** Changes some values; undefined removes one. */
function replace(
  state: State,
  changes: { readonly [K in keyof State]?: State[K] | undefined },
): State {
  const entries = Object.entries({ ...state, ...changes })
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as unknown as State;
}

function clearedBy(section: Section) {
  switch (section) {
    case "data":
      return { table: undefined, data: undefined };
    case "model":
      return { model: undefined, download: undefined };
    default:
      return {};
  }
}

/** New data or another model get settings that suit them. */
function suit(state: State): State {
  const { data, model, run } = state;
  if (!data || !model || isActive(run)) return state;
  return { ...state, settings: suitedSettings(data, model) };
}

function withRun(state: State, changes: Partial<Run>): State {
  const { phase, steps, evaluations }: Run = state.run ??
    { phase: "preparing", steps: [], evaluations: [] };
  return {
    ...state,
    run: { ...state.run, phase, steps, evaluations, ...changes },
  };
}

function withProblem(state: State, problem: Problem): State {
  const { section } = problem;
  return replace(state, {
    busy: undefined,
    download: undefined,
    problems: { ...state.problems, [section]: problem },
    announcement: `${problem.title}. ${problem.text}`,
  });
}

function withoutProblem(state: State, section: Section): State {
  const { [section]: _, ...problems } = state.problems;
  return { ...state, problems };
}
