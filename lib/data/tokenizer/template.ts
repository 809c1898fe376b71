/**
 * Post-processors of `tokenizer.json`: the template that adds special tokens.
 *
 * Source: https://github.com/huggingface/tokenizers/tree/v0.23.1/tokenizers/src/processors
 *
 * @module
 */
import { type Component, typeOf, wrong } from "./settings.ts";

/** A part of an encoding: a special token, or a whole text. */
export interface TemplatePart {
  readonly id: number | "first" | "second";
  /** Its token type. */
  readonly type: number;
}

/** Parts of a single text, and of a pair. */
export interface Templates {
  readonly single: readonly TemplatePart[];
  readonly pair: readonly TemplatePart[];
}

/**
 * Reads the templates.
 *
 * @param component The post-processor in `tokenizer.json`, or null.
 * @param idOf Returns the id of a token, if it has one.
 * @param source The file, for errors.
 * @returns The templates.
 * @throws {SyntaxError} If they are not understood, or a token is not in the vocabulary.
 */
export function readTemplates(
  component: unknown,
  idOf: (token: string) => number | undefined,
  source: string,
): Templates {
  const all = flatten(component, source)
    .filter(({ type }) => type !== "ByteLevel"); // which changes offsets only
  const settings = all[0];
  if (settings === undefined) {
    throw new SyntaxError(
      `Cannot use ${source}: it has no post_processor that adds special tokens such as [CLS] and [SEP]`,
    );
  }
  if (all.length > 1) {
    throw new SyntaxError(
      `Cannot use ${source}: its post_processor adds special tokens ${all.length} times; keep one`,
    );
  }
  const check = (token: string, id: number): number => {
    const known = idOf(token);
    if (known === id) return id;
    throw new SyntaxError(
      `Cannot use ${source}: the token ${token} of its post_processor ${
        known === undefined
          ? "is not in the vocabulary"
          : `has id ${id} there, and ${known} in the vocabulary`
      }`,
    );
  };
  const special = (key: string, type = 0): TemplatePart => {
    const pair = settings[key];
    if (!Array.isArray(pair)) {
      throw wrong(settings, key, "a token and its id", source);
    }
    return { id: check(pair[0] as string, pair[1] as number), type };
  };
  const [first, second] = [{ id: "first", type: 0 }, {
    id: "second",
    type: 1,
  }] as const;
  switch (settings.type) {
    case "TemplateProcessing":
      return {
        single: readTemplate(settings, "single", check, source),
        pair: readTemplate(settings, "pair", check, source),
      };
    case "BertProcessing": {
      const single = [special("cls"), first, special("sep")];
      return { single, pair: [...single, second, special("sep", 1)] };
    }
    case "RobertaProcessing": {
      const single = [special("cls"), first, special("sep")];
      const untyped = { ...second, type: 0 };
      return {
        single,
        pair: [...single, special("sep"), untyped, special("sep")],
      };
    }
  }
  throw new SyntaxError(
    `Cannot use ${source}: the post_processor ${settings.type} is not supported`,
  );
}

/**
 * Returns the number of tokens left for the texts.
 *
 * @param maxLength Most tokens of an encoding.
 * @param template The template of the encoding.
 * @returns The number without the special tokens.
 * @throws {RangeError} If there are more special tokens, or `maxLength` is no whole number.
 */
export function roomFor(
  maxLength: number,
  template: readonly TemplatePart[],
): number {
  const special = template.filter(({ id }) => typeof id === "number").length;
  if (!Number.isInteger(maxLength) || maxLength < special) {
    throw new RangeError(
      `Cannot truncate to ${maxLength} tokens: maxLength must be a whole number from ${special}, the number of special tokens`,
    );
  }
  return maxLength - special;
}

/** The post-processors of a sequence, in order. */
function flatten(component: unknown, source: string): Component[] {
  if (component === null || component === undefined) return [];
  const type = typeOf(component, "post_processor", source);
  const settings = component as Component;
  if (type !== "Sequence") return [settings];
  if (!Array.isArray(settings.processors)) {
    throw wrong(settings, "processors", "a list of post-processors", source);
  }
  return settings.processors.flatMap((each) => flatten(each, source));
}

/** A part of a template in `tokenizer.json`. */
interface TemplateItem {
  SpecialToken?: { id: string; "type_id": number };
  Sequence?: { id: string; "type_id": number };
}

function readTemplate(
  settings: Component,
  key: "single" | "pair",
  check: (token: string, id: number) => number,
  source: string,
): TemplatePart[] {
  const items = settings[key];
  if (!Array.isArray(items)) {
    throw wrong(settings, key, "a list of tokens and sequences", source);
  }
  const tokens = (settings.special_tokens ?? {}) as Record<
    string,
    { ids: number[]; tokens: string[] } | undefined
  >;
  return (items as TemplateItem[]).flatMap((item): TemplatePart[] => {
    const { SpecialToken: token, Sequence: text } = item;
    if (text?.id === "A") return [{ id: "first", type: text.type_id }];
    if (text?.id === "B" && key === "pair") {
      return [{ id: "second", type: text.type_id }];
    }
    const ids = token && tokens[token.id]?.ids;
    if (!token || !ids) {
      throw wrong(settings, key, "tokens and sequences", source);
    }
    return ids.map((id, i) => ({
      id: check(tokens[token.id]!.tokens[i]!, id),
      type: token.type_id,
    }));
  });
}
