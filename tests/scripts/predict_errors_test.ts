import { assertEquals, assertStringIncludes } from "@std/assert";
import { needs } from "../helpers/permissions.ts";
import { predict, type StartOptions, trainFixture } from "./train_fixture.ts";

Deno.test(
  needs(
    "predict.ts reports errors with code 2 and nothing on stdout",
    "read",
    "write",
    "run",
  ),
  async (t) => {
    await using fixture = await trainFixture();
    await fixture.write(
      "no-tokenizer/config.json",
      await fixture.text("model/config.json"),
    );
    await fixture.write("empty.tsv", "");
    await fixture.write("no-rows.csv", "sentence1,sentence2\n");
    await fixture.write("column.tsv", "idx\tsentence1\tlabel\n1\train\t1\n");
    await fixture.write(
      "two.tsv",
      "sentence1\ttext2\nThe rain stops.\tThe rain ends.\n",
    );
    await fixture.write("ragged.tsv", "rain\train\nrain\n");
    await fixture.write("utf8.tsv", Uint8Array.of(0x72, 0xff, 0x0a));
    await fixture.write("list.txt", "rain\n");
    await fixture.write("semicolons.tsv", "sentence1;sentence2\nrain;rain\n");
    await fixture.write(
      "null.jsonl",
      '{"sentence1": "rain", "sentence2": "rain"}\n{"sentence1": "rain", "sentence2": null}\n',
    );
    const cases: [flags: string, message: string, options?: StartOptions][] = [
      [
        "",
        "Missing --model: give the model folder of a run, such as runs/…/model",
      ],
      [
        "--modle model",
        "Unknown flag --modle: use --model, or see --help",
      ],
      [
        "--model model a b c",
        "There are 3 sentences, and a model takes one or two: put each in quotes, or many into a file for --data",
      ],
      [
        "--model model --data two.tsv rain",
        '"rain" and --data two.tsv exclude each other: give one of them',
      ],
      [
        "--model nowhere rain",
        "Cannot read nowhere: there is no such file or folder; name the folder of a model; download one of the Hugging Face Hub with deno task fetch --model OWNER/NAME",
      ],
      [
        "--model no-tokenizer rain",
        "Cannot read a tokenizer from no-tokenizer: it has no tokenizer.json; transformers writes one with AutoTokenizer.from_pretrained(…).save_pretrained(…)",
      ],
      [
        "--model model --data nowhere.tsv",
        "Cannot read nowhere.tsv: there is no such file or folder; check the path",
      ],
      [
        "--model model --data list.txt",
        "Cannot read list.txt: its extension must be one of .arrow, .parquet, .tsv, .csv, .jsonl, .json; rename it, or write it in one of these formats",
      ],
      [
        "--model model --data empty.tsv",
        "Cannot read empty.tsv: the file is empty; write or download it again",
      ],
      [
        "--model model --data no-rows.csv",
        "Cannot read no-rows.csv: it has no rows",
      ],
      [
        "--model model --data column.tsv",
        "column.tsv has the columns idx, sentence1, label, and none can be told to be that of the texts: name it with --text-columns, or two for pairs, separated by commas",
      ],
      [
        "--model model --data two.tsv",
        "two.tsv has the columns sentence1, text2, and sentence1 or text2 may be that of the texts: name it with --text-columns, or two for pairs, separated by commas",
      ],
      [
        "--model model --data column.tsv --text-columns sentence1,text",
        'column.tsv has no column "text", only idx, sentence1, label: correct --text-columns',
      ],
      [
        "--model model --data column.tsv --text-columns a,b,c",
        '--text-columns must be one name or two different ones, separated by a comma, not "a,b,c"',
      ],
      [
        "--model model --data column.tsv --text-columns sentence1,sentence1",
        '--text-columns must be one name or two different ones, separated by a comma, not "sentence1,sentence1"',
      ],
      [
        "--model model --data semicolons.tsv",
        'Cannot read semicolons.tsv, line 1: "\\t" separates the columns of such a file, but the header is "sentence1;sentence2"; give the delimiter (--delimiter in the scripts) ";" if that separates them, or "\\t" if it is one column',
      ],
      [
        "--model model --data null.jsonl --delimiter ;",
        'Cannot read null.jsonl with the delimiter ";": only .csv and .tsv have one; leave it out',
      ],
      [
        "--model model --text-columns sentence1 rain",
        "--text-columns sentence1 is for --data or standard input, or leave it out",
      ],
      [
        "--model model --delimiter ; rain",
        "--delimiter ; is for --data, or leave it out",
      ],
      [
        "--model model",
        "Cannot read standard input, line 1: it has a carriage return inside; end lines with a line feed",
        { stdin: "the rain\rthe train\r" },
      ],
      [
        "--model model --text-columns a",
        "Cannot read standard input, line 1: it is not UTF-8 text; give it in that encoding",
        { stdin: Uint8Array.of(0xff, 0xfe, 0x61, 0x00, 0x0a) },
      ],
      [
        "--model model --data ragged.tsv",
        "Cannot read ragged.tsv, line 2: it has 1 field and the first line has 2; correct that line",
      ],
      [
        "--model model --data utf8.tsv",
        'Cannot read utf8.tsv: it is not UTF-8 text in line 1; save it in that encoding, in Excel as "CSV UTF-8"',
      ],
      [
        "--model model",
        "Cannot read standard input: it is empty; give it lines of one text, or of two separated by a tab",
      ],
      [
        "--model model",
        "Cannot read standard input, line 1: it is not UTF-8 text; give it in that encoding",
        { stdin: Uint8Array.of(0x72, 0xff, 0x0a) },
      ],
      [
        "--model model",
        "Cannot read standard input, line 1: it has 3 fields separated by tabs, and a model takes one text or two; choose those of a header with --text-columns, or give a file with --data",
        { stdin: "the\train\tferry\n" },
      ],
      [
        "--model model --text-columns a,c",
        'standard input has no column "c", only a, b: correct --text-columns',
        { stdin: "a\tb\nthe\train\n" },
      ],
      [
        "--model model --on-error fail",
        '--on-error must be one of stop, skip, not "fail"',
      ],
      [
        "--model model --data two.tsv --on-error skip",
        "--on-error skip is for standard input, or leave it out",
      ],
      [
        "--model model --delimiter ;",
        "--delimiter ; is for a file: give it with --data, or leave it out",
      ],
    ];
    for (const [flags, message, options = {}] of cases) {
      await t.step(`${flags}: ${message.slice(0, 40)}`, async () => {
        const run = await predict(fixture, flags, options);
        const { code, error, stdout, stderr } = run;
        assertEquals({ code, error, stdout }, {
          code: 2,
          error: `error: ${message}`,
          stdout: "",
        });
        // The model may be there before standard input is.
        const lines = stderr.split("\n")
          .filter((line) => !line.startsWith("Running on "));
        assertEquals(lines.length, 2, stderr);
      });
    }
    await t.step("a value that is not text", async () => {
      const run = await predict(fixture, "--model model --data null.jsonl");
      assertEquals([run.code, run.stdout], [2, ""]);
      assertEquals(
        run.error,
        'error: Cannot classify row 1 of null.jsonl: its "sentence2" is null, and a text is needed',
      );
    });
    await t.step("--help needs no permission", async () => {
      const run = await predict(fixture, "--help", { permissions: [] });
      assertEquals([run.code, run.stderr], [0, ""]);
      assertStringIncludes(run.stdout, "./denow task predict --model DIR");
    });
  },
);
