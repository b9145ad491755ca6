-- What lists are filtered and ordered by, the names that search reads, and who did what.
ALTER TABLE entities ADD COLUMN folded TEXT NOT NULL DEFAULT '';
ALTER TABLE entities ADD COLUMN renown REAL NOT NULL DEFAULT 0;
ALTER TABLE entities ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
UPDATE entities SET
  folded = fold(name),
  renown = ifnull(json_extract(data, '$.renown'), 0),
  revision = (SELECT value FROM meta WHERE name = 'revision');
CREATE INDEX entity_revision ON entities (revision);
CREATE INDEX entity_by_id ON entities (kind, id);
CREATE INDEX entity_by_renown ON entities (kind, -renown, id);
CREATE INDEX entity_by_name ON entities (kind, folded, id);
CREATE INDEX entity_oldest ON entities (kind, ifnull(year, 9999), id);
CREATE INDEX entity_newest ON entities (kind, -ifnull(year, 0), id);
CREATE TABLE gone (entity TEXT NOT NULL, revision INTEGER NOT NULL);
CREATE INDEX gone_revision ON gone (revision);

DROP TABLE names;
CREATE TABLE names (
  entity INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
  name TEXT NOT NULL,
  PRIMARY KEY (entity, name)
) WITHOUT ROWID;
INSERT OR IGNORE INTO names SELECT entities.key, fold(name) FROM entities WHERE fold(name) <> '';
INSERT OR IGNORE INTO names
  SELECT entities.key, fold(value) FROM entities, json_each(data, '$.aliases') WHERE fold(value) <> '';
INSERT OR IGNORE INTO names
  SELECT entities.key, fold(json_extract(data, '$.original_name')) FROM entities
  WHERE fold(ifnull(json_extract(data, '$.original_name'), '')) <> '';
CREATE INDEX name_entity ON names (name);

-- A film's genres, countries, franchises and people; names of genres and countries in lower case.
CREATE TABLE facets (
  facet TEXT NOT NULL,
  value TEXT NOT NULL,
  entity INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
  role TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (facet, value, entity, role)
) WITHOUT ROWID;
CREATE INDEX facet_entity ON facets (entity);
INSERT OR IGNORE INTO facets (facet, value, entity)
  SELECT 'genre', lower(value), entities.key FROM entities, json_each(data, '$.genres') WHERE kind = 'film';
INSERT OR IGNORE INTO facets (facet, value, entity)
  SELECT 'country', lower(value), entities.key FROM entities, json_each(data, '$.countries') WHERE kind = 'film';
INSERT OR IGNORE INTO facets (facet, value, entity)
  SELECT 'franchise', value, entities.key FROM entities, json_each(data, '$.franchises') WHERE kind = 'film';
INSERT OR IGNORE INTO facets (facet, value, entity, role)
  SELECT 'person', json_extract(value, '$[0]'), entities.key, json_extract(value, '$[1]')
  FROM entities, json_each(data, '$.credits') WHERE kind = 'film';

ALTER TABLE reviews ADD COLUMN reviewer TEXT;
ALTER TABLE reviews ADD COLUMN outlet TEXT;
UPDATE reviews SET reviewer = json_extract(data, '$.reviewer'), outlet = json_extract(data, '$.outlet');
CREATE INDEX review_reviewer ON reviews (reviewer);
CREATE INDEX review_outlet ON reviews (outlet);
CREATE INDEX review_oldest ON reviews (ifnull(CAST(replace(published, '-', '') AS INTEGER), 99999999), id);
CREATE INDEX review_newest ON reviews (-ifnull(CAST(replace(published, '-', '') AS INTEGER), 0), id);
CREATE INDEX claim_by_belief ON claims (-belief, id);

CREATE TABLE changes (
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  by TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  revision INTEGER NOT NULL
);
