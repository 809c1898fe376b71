/// <reference lib="dom" />
import { readParquet } from "../../mod.ts";

const file = await (await fetch("train.parquet")).blob();
const { length } = await readParquet(file, "train.parquet");
document.title = `${length} rows`;
