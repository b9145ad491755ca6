-- The graph. Row keys are integers inside; ids are what everybody else sees.
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('revision', '0'), ('catalogue', '0');

CREATE TABLE entities (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  year INTEGER,
  origin TEXT,
  catalogued INTEGER NOT NULL,
  data TEXT NOT NULL
);
CREATE VIRTUAL TABLE names USING fts5(name, entity UNINDEXED, tokenize = 'trigram');

-- What each review says of an entity that no catalogue knows; it lives as long as one review does.
CREATE TABLE named (
  review INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
  entity INTEGER NOT NULL REFERENCES entities,
  data TEXT NOT NULL,
  PRIMARY KEY (entity, review)
) WITHOUT ROWID;
CREATE INDEX named_review ON named (review);

CREATE TABLE reviews (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  film TEXT,
  voice TEXT NOT NULL,
  published TEXT,
  pipeline TEXT NOT NULL,
  data TEXT NOT NULL
);
CREATE INDEX review_film ON reviews (film);
CREATE TABLE documents (
  fingerprint TEXT PRIMARY KEY,
  review INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX document_review ON documents (review);

-- support to explanation are computed from evidence and judgements; verify computes them anew.
CREATE TABLE claims (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  subject INTEGER NOT NULL REFERENCES entities,
  relation TEXT NOT NULL,
  object INTEGER NOT NULL REFERENCES entities,
  belief REAL NOT NULL,
  support REAL NOT NULL,
  dissent REAL NOT NULL,
  voices_for INTEGER NOT NULL,
  voices_against INTEGER NOT NULL,
  explanation TEXT NOT NULL,
  anachronistic INTEGER NOT NULL,
  revision INTEGER NOT NULL
);
CREATE INDEX claim_subject ON claims (subject);
CREATE INDEX claim_object ON claims (object);
CREATE INDEX claim_revision ON claims (revision);
CREATE TABLE removed (claim TEXT NOT NULL, revision INTEGER NOT NULL);
CREATE INDEX removed_revision ON removed (revision);

-- subject and object are what the reader linked; the claim's own may be others after a merge.
CREATE TABLE evidence (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  claim INTEGER NOT NULL REFERENCES claims,
  review INTEGER NOT NULL REFERENCES reviews,
  subject TEXT NOT NULL,
  relation TEXT NOT NULL,
  object TEXT NOT NULL,
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  quote TEXT NOT NULL,
  polarity TEXT NOT NULL,
  stance TEXT NOT NULL,
  confidence REAL NOT NULL,
  extractor TEXT NOT NULL,
  version TEXT NOT NULL,
  recorded TEXT,
  anachronistic INTEGER NOT NULL
);
CREATE INDEX evidence_claim ON evidence (claim);
CREATE INDEX evidence_review ON evidence (review);
CREATE INDEX evidence_subject ON evidence (subject);
CREATE INDEX evidence_object ON evidence (object);

CREATE TABLE merges (loser TEXT PRIMARY KEY, survivor TEXT NOT NULL, judgement TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE judgements (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  value TEXT,
  by TEXT NOT NULL,
  at TEXT,
  note TEXT NOT NULL,
  undoes TEXT
);
CREATE INDEX judgement_target ON judgements (target);
