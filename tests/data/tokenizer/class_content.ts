import fixture from "../../fixtures/tokenizer_classes.json" with {
  type: "json",
};

const { bases, special, otherParts } = fixture;

/** Contents of `tokenizer.json` for a model type, as `make_tokenizer_classes.py` makes them. */
export function contentOf(
  modelType: string,
  hasOtherParts: boolean,
): Record<string, unknown> {
  const others = hasOtherParts ? otherParts : {};
  const own = (special as Record<string, string[]>)[modelType];
  if (!own) return { ...bases.bpe, ...others };
  const isWordPiece = ["mpnet", "electra"].includes(modelType);
  const model = isWordPiece
    ? {
      type: "WordPiece",
      unk_token: own[0],
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 5,
      vocab: Object.fromEntries(
        [...own, ...bases.wordPiece].map((token, i) => [token, i]),
      ),
    }
    : {
      type: "Unigram",
      unk_id: 0,
      vocab: [...own.map((token) => [token, 0]), ...bases.unigram],
      byte_fallback: false,
    };
  const [first, last] = own.includes("[CLS]")
    ? ["[CLS]", "[SEP]"]
    : ["<s>", "</s>"];
  const token = (id: string, type = 0) => ({
    SpecialToken: { id, "type_id": type },
  });
  const text = (id: string, type = 0) => ({
    Sequence: { id, "type_id": type },
  });
  const single = [token(first), text("A"), token(last)];
  return {
    version: "1.0",
    added_tokens: own.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: /mask/i.test(content),
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: null,
    decoder: null,
    model,
    post_processor: {
      type: "TemplateProcessing",
      single,
      pair: [...single, text("B", 1), token(last, 1)],
      special_tokens: Object.fromEntries(
        [first, last].map((id) => [id, {
          id,
          ids: [own.indexOf(id)],
          tokens: [id],
        }]),
      ),
    },
    ...others,
  };
}
