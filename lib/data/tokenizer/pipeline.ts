/**
 * The tokenizer that a `tokenizer.json` describes, as the tokenizers library
 * runs it: added tokens, normalizer, pre-tokenizer, model.
 *
 * @module
 */
import {
  type AddedToken,
  AddedTokenSplitter,
  readAddedTokens,
} from "./added_tokens.ts";
import { type Decoder, readDecoder } from "./decoders.ts";
import { readModel } from "./models.ts";
import { readNormalizer } from "./normalizers.ts";
import { type PreTokenizer, readPreTokenizer } from "./pre_tokenizers.ts";
import type { Component } from "./settings.ts";
import { readTemplates, type Templates } from "./template.ts";
import type { Model } from "./vocabulary.ts";

/** Encodes texts to ids, without special tokens, and decodes ids. */
export class Pipeline {
  /** Added tokens by content. */
  readonly addedTokens: ReadonlyMap<string, AddedToken>;
  /** Templates that add special tokens. */
  readonly templates: Templates;
  #splitter: AddedTokenSplitter;
  #preTokenize: PreTokenizer;
  #model: Model;
  #decode: Decoder;
  #texts: Map<number, string>;

  /**
   * @param content Contents of `tokenizer.json`.
   * @param source The file, for errors.
   */
  constructor(content: Component, source: string) {
    this.#model = readModel(content.model, source);
    const normalize = readNormalizer(content.normalizer, source);
    this.#preTokenize = readPreTokenizer(content.pre_tokenizer, source);
    this.#decode = readDecoder(content.decoder, source);
    const { vocabulary } = this.#model;
    this.addedTokens = readAddedTokens(
      content.added_tokens,
      vocabulary,
      source,
    );
    this.#splitter = new AddedTokenSplitter(
      this.addedTokens.values(),
      normalize,
      /"prepend_scheme":"first"/.test(JSON.stringify(content.pre_tokenizer)),
      source,
    );
    this.templates = readTemplates(
      content.post_processor,
      (token) => this.idOf(token),
      source,
    );
    this.#texts = new Map([
      ...Array.from(vocabulary, ([token, id]) => [id, token] as const),
      ...this.#splitter.texts,
    ]);
  }

  /** Number of tokens of the model and added ones. */
  get size(): number {
    return this.#texts.size;
  }

  /**
   * Returns the id of a token.
   *
   * @param token The token.
   * @returns Its id, or undefined if there is no such token.
   */
  idOf(token: string): number | undefined {
    return this.addedTokens.get(token)?.id ?? this.#model.vocabulary.get(token);
  }

  /**
   * Encodes a text.
   *
   * @param text The text; half a surrogate pair counts as �.
   * @returns Token ids, without special tokens around them.
   */
  encode(text: string): number[] {
    const ids: number[] = [];
    for (const section of this.#splitter.split(text.toWellFormed())) {
      if ("id" in section) {
        ids.push(section.id);
        continue;
      }
      for (const { text } of this.#preTokenize([section])) {
        for (const id of this.#model.tokenize(text)) ids.push(id);
      }
    }
    return ids;
  }

  /**
   * Decodes ids; those that no token has are left out.
   *
   * @param ids Token ids.
   * @param skipped Ids to leave out.
   * @returns The text.
   */
  decode(ids: readonly number[], skipped: ReadonlySet<number>): string {
    const tokens = ids.filter((id) => !skipped.has(id))
      .map((id) => this.#texts.get(id))
      .filter((token) => token !== undefined);
    return this.#decode(tokens).join("");
  }
}
