/** What signed HTTP needs to remember: nonces of Core's and the API's clients, and what Core answered (RFC 9421; docs/core-http.md). */
export const SIGNED_HTTP_DDL = `
-- A nonce belongs to a client, which may serve several sites: no site here. Kept until no signature that carries it can be accepted any more.
CREATE TABLE core_nonce (
  client_id text NOT NULL,
  nonce text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (client_id, nonce)
);
CREATE INDEX core_nonce_expiry ON core_nonce (expires_at);
CREATE TABLE service_nonce (
  client_id text NOT NULL,
  nonce text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (client_id, nonce)
);
CREATE INDEX service_nonce_expiry ON service_nonce (expires_at);
-- One row per order that Core carried out: a repeat is answered from it. Without an answer after its claim has run out, whoever carried it out is gone.
CREATE TABLE core_answer (
  site_id text NOT NULL REFERENCES site (id),
  key text NOT NULL,
  order_hash text NOT NULL,
  claimed_until timestamptz NOT NULL,
  answer text,
  PRIMARY KEY (site_id, key)
);
CREATE INDEX core_answer_age ON core_answer (site_id, claimed_until);
`;
