-- One schema. Every table of data is keyed by topic_id first, so that a transaction touches one topic and the schema can be spread by topic later.
-- "postoffice." is replaced by the configured schema's name before this runs.

-- The clock: due times, leases and received_at all come from here and never from a node, so nodes need not agree on the time. Tests replace it to shift time.
-- VOLATILE on purpose: now() stands still in a transaction that waited for a lock. Being volatile, it can't be an index condition by itself:
-- compare with (SELECT postoffice.current_instant()), which is evaluated once.
CREATE FUNCTION postoffice.current_instant() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';

CREATE TABLE postoffice.topics (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- COLLATE "C": names are compared byte for byte, and an upgrade of the operating system's collations can't break the index.
    name text COLLATE "C" NOT NULL UNIQUE,
    origin_host text,
    recovery_enabled boolean NOT NULL,
    created_at timestamptz NOT NULL
);

-- The hot row of a topic, alone in its table: updated by each append, so half of each page stays free for HOT updates, which leave the index alone.
CREATE TABLE postoffice.topic_heads (
    topic_id bigint PRIMARY KEY REFERENCES postoffice.topics (id) ON DELETE CASCADE,
    last_position bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- The log, append-only. No foreign key to topics: it would cost a lookup a row under the head's lock, and an append needs the head row anyway,
-- which goes away with the topic.
CREATE TABLE postoffice.messages (
    topic_id bigint NOT NULL,
    position bigint NOT NULL,
    id uuid NOT NULL,
    received_at timestamptz NOT NULL,
    payload bytea NOT NULL,
    attributes jsonb NOT NULL,
    ordering_key text,
    idempotency_key text COLLATE "C",
    content_type text NOT NULL,
    traceparent text,
    PRIMARY KEY (topic_id, position)
);

-- EXTERNAL: large payloads are moved out of the row but never compressed. Compression would run inside the INSERT, while the topic's head is locked,
-- and so its CPU time would be a limit of the topic's throughput; many payloads are compressed already.
ALTER TABLE postoffice.messages ALTER COLUMN payload SET STORAGE EXTERNAL;

CREATE UNIQUE INDEX messages_id_key ON postoffice.messages (id);
CREATE UNIQUE INDEX messages_idempotency_key_key ON postoffice.messages (topic_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE postoffice.staged_messages (
    id uuid PRIMARY KEY,
    -- A foreign key, unlike that of messages: there is no head lock to keep a topic from being deleted under an application's transaction.
    topic_id bigint NOT NULL REFERENCES postoffice.topics (id),
    deliver_at timestamptz NOT NULL,
    payload bytea NOT NULL,
    attributes jsonb NOT NULL,
    ordering_key text,
    idempotency_key text COLLATE "C",
    content_type text NOT NULL,
    traceparent text
);

ALTER TABLE postoffice.staged_messages ALTER COLUMN payload SET STORAGE EXTERNAL;

CREATE INDEX staged_messages_due ON postoffice.staged_messages (topic_id, deliver_at, id);
CREATE UNIQUE INDEX staged_messages_idempotency_key_key ON postoffice.staged_messages (topic_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE postoffice.publishers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic_id bigint NOT NULL REFERENCES postoffice.topics (id),
    type text COLLATE "C" NOT NULL,
    target text COLLATE "C" NOT NULL,
    active boolean NOT NULL,
    paused_reason text,
    settings jsonb NOT NULL,
    start_position bigint NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz
);

CREATE UNIQUE INDEX publishers_target_key ON postoffice.publishers (topic_id, type, target) WHERE deleted_at IS NULL;

-- Where a live publisher stands and who runs it; the row goes away when the publisher is deleted, and with it every lease.
-- Written by each settle and each renewal: no index but the key, and room in the page, so that all of these are HOT updates.
CREATE TABLE postoffice.publisher_cursors (
    publisher_id bigint PRIMARY KEY REFERENCES postoffice.publishers (id),
    topic_id bigint NOT NULL,
    -- The position up to which all is settled, and a bitmap of what is settled beyond it.
    cursor bigint NOT NULL,
    settled_above bytea NOT NULL DEFAULT '',
    owner uuid,
    -- One higher with each new owner; each write of an owner bears it.
    epoch bigint NOT NULL DEFAULT 0,
    -- The number of the epoch's last settle, so that one repeated after a lost connection is known.
    sequence bigint NOT NULL DEFAULT 0,
    lease_until timestamptz
) WITH (fillfactor = 30);

CREATE TABLE postoffice.parked_deliveries (
    topic_id bigint NOT NULL,
    publisher_id bigint NOT NULL,
    position bigint NOT NULL,
    attempts integer NOT NULL,
    due_at timestamptz NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (topic_id, publisher_id, position)
);

CREATE INDEX parked_deliveries_due ON postoffice.parked_deliveries (publisher_id, due_at);

CREATE TABLE postoffice.dead_letters (
    topic_id bigint NOT NULL,
    publisher_id bigint NOT NULL,
    position bigint NOT NULL,
    attempts integer NOT NULL,
    status_code integer,
    reason text NOT NULL,
    error text NOT NULL,
    died_at timestamptz NOT NULL,
    PRIMARY KEY (topic_id, publisher_id, position)
);

-- What was settled without a dead letter, compactly: one row for each settle and block of 1,024 positions, whose arrays have one element a delivery.
-- A delivery is found by block = position / 1024 AND position = ANY (positions).
CREATE TABLE postoffice.delivery_log (
    topic_id bigint NOT NULL,
    publisher_id bigint NOT NULL,
    block bigint NOT NULL,
    -- 1 delivered, 2 skipped, 3 discarded.
    outcome smallint NOT NULL,
    settled_at timestamptz NOT NULL,
    positions bigint[] NOT NULL,
    attempts integer[] NOT NULL,
    status_codes integer[] NOT NULL,
    durations_ms integer[] NOT NULL
);

CREATE INDEX delivery_log_block ON postoffice.delivery_log (topic_id, publisher_id, block);

CREATE TABLE postoffice.failed_attempts (
    id bigint GENERATED ALWAYS AS IDENTITY,
    topic_id bigint NOT NULL,
    publisher_id bigint NOT NULL,
    position bigint NOT NULL,
    attempt integer NOT NULL,
    failed_at timestamptz NOT NULL,
    status_code integer,
    duration_ms integer NOT NULL,
    error text NOT NULL
);

CREATE INDEX failed_attempts_message ON postoffice.failed_attempts (topic_id, position, publisher_id);

CREATE TABLE postoffice.nodes (
    id uuid PRIMARY KEY,
    host text NOT NULL,
    started_at timestamptz NOT NULL,
    heartbeat_at timestamptz NOT NULL
) WITH (fillfactor = 50);
