import { assertEquals } from "@std/assert";
import {
  crc32c,
  firstRecord,
  tfRecord,
} from "../../../scripts/tensorboard/tf_record.ts";

Deno.test("crc32c() gives the values of RFC 3720, B.4", () => {
  const ascending = new Uint8Array(32).map((_, i) => i);
  // "An iSCSI - SCSI Read (10) Command PDU".
  const command = Uint8Array.fromHex(
    "01c00000000000000000000000000000" +
      "14000000000004000000001400000018" +
      "28000000000000000200000000000000",
  );
  assertEquals(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assertEquals(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assertEquals(crc32c(ascending), 0x46dd794e);
  assertEquals(crc32c(ascending.toReversed()), 0x113fdb5c);
  assertEquals(crc32c(command), 0xd9963a56);
  // "The check value" of the catalogue of CRCs: of the digits 1 to 9.
  assertEquals(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  assertEquals(crc32c(new Uint8Array(0)), 0);
});

const ABC = "0300000000000000b099490e6162636e57f121";

Deno.test("tfRecord() has length, data and their masked checksums", () => {
  // Written by tensorboard's RecordWriter: RecordWriter(f).write(b"abc").
  assertEquals(tfRecord(new TextEncoder().encode("abc")).toHex(), ABC);
});

Deno.test("firstRecord() returns the data of a whole record only", () => {
  const data = new Uint8Array([5, 6, 7]);
  const record = tfRecord(data);
  assertEquals(firstRecord(record), data);
  assertEquals(firstRecord(new Uint8Array([...record, 1])), data);
  assertEquals(firstRecord(new Uint8Array([1, ...record]).subarray(1)), data);
  for (let length = 0; length < record.length; length++) {
    assertEquals(firstRecord(record.subarray(0, length)), undefined);
  }
  for (let i = 0; i < record.length; i++) {
    const broken = record.slice();
    broken[i]! ^= 4;
    assertEquals(firstRecord(broken), undefined, `byte ${i}`);
  }
});
