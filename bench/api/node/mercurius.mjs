import Fastify from "fastify";
import mercurius from "mercurius";
import { resolvers, typeDefs } from "./schema.mjs";

const app = Fastify();
// mercurius has another name for it
const named = { ...resolvers, Entity: { resolveType: () => "Film" } };
app.register(mercurius, { schema: typeDefs, resolvers: named, jit: 1, cache: true });
await app.listen({ port: Number(process.argv[3]), host: "127.0.0.1" });
