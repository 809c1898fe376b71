import { assertEquals, assertRejects } from "@std/assert";
import { loadSplits } from "../../../scripts/train/load_splits.ts";
import type { Options } from "../../../scripts/train/options.ts";
import { needs } from "../../helpers/permissions.ts";
import { printed } from "../../helpers/printed.ts";
import { tempFolder } from "../../helpers/temp_folder.ts";

const options = (more: Partial<Options> = {}): Options =>
  ({ validationSplit: 0.3, seed: 1, ...more }) as Options;

Deno.test(
  needs(
    "loadSplits() divides a file by the seed, in the proportions of its labels",
    "read",
    "write",
  ),
  async () => {
    using _output = printed();
    await using folder = await tempFolder();
    const path = `${folder.path}/a.csv`;
    const rows = Array.from(
      { length: 10 },
      (_, i) => `text ${i},other,${i % 2}\n`,
    );
    await Deno.writeTextFile(
      path,
      `sentence1,sentence2,label\n${rows.join("")}`,
    );
    const load = async (more: Partial<Options> = {}) => {
      const data = await loadSplits(path, options(more));
      return [data.train, data.validation]
        .map((split) => split.column("sentence1") as string[]);
    };
    const [train, validation] = await load();
    assertEquals([train!.length, validation!.length], [7, 3]);
    for (let seed = 1; seed <= 20; seed++) {
      const [, held] = await load({ seed });
      const odd = held!.filter((text) => Number(text.at(-1)) % 2).length;
      assertEquals([1, 2].includes(odd), true, `seed ${seed}`);
    }
    const all = rows.map((row) => row.split(",")[0]!);
    assertEquals([...train!, ...validation!].sort(), all);
    // In the order of the file.
    assertEquals(train, train!.toSorted());
    assertEquals(await load(), [train, validation]);
    const others = await Promise.all([2, 3, 4].map((seed) => load({ seed })));
    assertEquals(
      others.some(([other]) => `${other}` !== `${train}`),
      true,
    );
    const { train: { source }, validation: { source: second } } =
      await loadSplits(path, options());
    assertEquals([source, second], [
      `${path}, training rows,`,
      `${path}, validation rows,`,
    ]);
    for (const validationSplit of [0, 0.96]) {
      await assertRejects(
        () => loadSplits(path, options({ validationSplit })),
        RangeError,
        `is one file of 10 rows, and --validation-split ${validationSplit} of them is `,
      );
    }
    await assertRejects(
      () =>
        loadSplits(path, options(), {
          check: ({ source, length }) => {
            throw new RangeError(`${source}, ${length} rows`);
          },
        }),
      RangeError,
      `${path}, 10 rows`,
    );
    await Deno.writeTextFile(path, "message,label\na,1\n");
    await assertRejects(
      () => loadSplits(path, options()),
      RangeError,
      `${path} has no column "sentence1", only message, label: name its columns as GLUE does, sentence1, sentence2, label, or train on texts of your own with deno task classify --data ${path}`,
    );
    await assertRejects(
      () => loadSplits(path, options(), { splits: ["train", "test"] }),
      RangeError,
      "is one file, and the task needs test: give a folder with train, test",
    );
  },
);

Deno.test(
  needs(
    "loadSplits() reads the delimiter and the label column of a folder",
    "read",
    "write",
  ),
  async () => {
    await using folder = await tempFolder();
    for (const split of ["train", "validation"]) {
      await Deno.writeTextFile(
        `${folder.path}/${split}.csv`,
        "text;stars;label\na;5;1\n",
      );
    }
    const { train } = await loadSplits(
      folder.path,
      options({ delimiter: ";", validationSplit: undefined }),
      { labelColumns: ["stars"] },
    );
    assertEquals(train.at(0), { text: "a", stars: 5, label: "1" });
    await assertRejects(
      () => loadSplits(folder.path, options()),
      RangeError,
      `--validation-split 0.3 divides one file, and ${folder.path} is a folder with a validation split: leave it out`,
    );
  },
);
