/** Prints the state of each permission that tests may need. */
import { PERMISSIONS } from "../helpers/permissions.ts";

for (const [need, permission] of Object.entries(PERMISSIONS)) {
  const { state } = Deno.permissions.querySync(permission);
  // deno-lint-ignore no-console
  console.log(`${need} ${state}`);
}
