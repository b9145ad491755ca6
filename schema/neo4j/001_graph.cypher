// What is unique, what is looked up by, and what people search in. docs/neo4j.md shows the model.
CREATE CONSTRAINT entity_id IF NOT EXISTS FOR (n:Entity) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT film_id IF NOT EXISTS FOR (n:Film) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT work_id IF NOT EXISTS FOR (n:Work) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT person_id IF NOT EXISTS FOR (n:Person) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT franchise_id IF NOT EXISTS FOR (n:Franchise) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT influence_id IF NOT EXISTS FOR (n:Influence) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT review_id IF NOT EXISTS FOR (n:Review) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT claim_id IF NOT EXISTS FOR (n:Claim) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT evidence_id IF NOT EXISTS FOR (n:Evidence) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT document_fingerprint IF NOT EXISTS FOR (n:Document) REQUIRE n.fingerprint IS UNIQUE;
CREATE CONSTRAINT judgement_id IF NOT EXISTS FOR (n:Judgement) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT graph_name IF NOT EXISTS FOR (n:Graph) REQUIRE n.name IS UNIQUE;
CREATE INDEX film_name IF NOT EXISTS FOR (n:Film) ON (n.name);
CREATE INDEX film_year IF NOT EXISTS FOR (n:Film) ON (n.year);
CREATE INDEX entity_revision IF NOT EXISTS FOR (n:Entity) ON (n.revision);
CREATE INDEX change_seq IF NOT EXISTS FOR (n:Change) ON (n.seq);
CREATE INDEX review_film IF NOT EXISTS FOR (n:Review) ON (n.film);
CREATE INDEX review_published IF NOT EXISTS FOR (n:Review) ON (n.published);
CREATE INDEX claim_subject IF NOT EXISTS FOR (n:Claim) ON (n.subject);
CREATE INDEX claim_object IF NOT EXISTS FOR (n:Claim) ON (n.object);
CREATE INDEX claim_revision IF NOT EXISTS FOR (n:Claim) ON (n.revision);
CREATE INDEX claim_belief IF NOT EXISTS FOR (n:Claim) ON (n.belief);
CREATE INDEX evidence_subject IF NOT EXISTS FOR (n:Evidence) ON (n.subject);
CREATE INDEX evidence_object IF NOT EXISTS FOR (n:Evidence) ON (n.object);
CREATE INDEX removed_revision IF NOT EXISTS FOR (n:Removed) ON (n.revision);
CREATE FULLTEXT INDEX names IF NOT EXISTS
  FOR (n:Film|Work|Person|Franchise|Influence) ON EACH [n.name, n.aliases];
CREATE FULLTEXT INDEX folded IF NOT EXISTS
  FOR (n:Film|Work|Person|Franchise|Influence) ON EACH [n.names]
  OPTIONS {indexConfig: {`fulltext.analyzer`: 'keyword'}};
CREATE FULLTEXT INDEX quotes IF NOT EXISTS FOR (n:Evidence) ON EACH [n.quote];
