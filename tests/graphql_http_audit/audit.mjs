// Prints what the audits of graphql-http say of the server at the given address, as JSON.
import { serverAudits } from "graphql-http";

const failed = [];
let passed = 0;
for (const audit of serverAudits({ url: process.argv[2], fetchFn: fetch })) {
  const result = await audit.fn();
  if (result.status === "ok") passed += 1;
  else failed.push(`${audit.id} ${audit.name}: ${result.reason}`);
}
console.log(JSON.stringify({ passed, failed }));
