-- Times are microseconds since the Unix epoch, from postoffice_now(); ids are UUIDs as 36 lower-case characters.
-- Numbers that leave the database (topics, publishers) are AUTOINCREMENT, so that a deleted one's number never comes back.

CREATE TABLE topics (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    name             TEXT    NOT NULL UNIQUE,
    origin_host      TEXT,
    recovery_enabled INTEGER NOT NULL,
    created_at       INTEGER NOT NULL
) STRICT;

-- Written by every append, so alone in its table.
CREATE TABLE topic_heads (
    topic_id      INTEGER PRIMARY KEY REFERENCES topics (id) ON DELETE CASCADE,
    last_position INTEGER NOT NULL
) STRICT;

-- A rowid table: rows of up to 1 MiB would make a b-tree keyed by (topic_id, position) deep and slow to split.
-- The payload stands last, so that reading another column never walks its overflow pages.
-- No foreign key to topics: the head row, raised in the same transaction, proves that the topic is there.
CREATE TABLE messages (
    topic_id        INTEGER NOT NULL,
    position        INTEGER NOT NULL,
    id              TEXT    NOT NULL,
    content_type    TEXT    NOT NULL,
    attributes      TEXT    NOT NULL,
    ordering_key    TEXT,
    idempotency_key TEXT,
    traceparent     TEXT,
    received_at     INTEGER NOT NULL,
    payload         BLOB    NOT NULL,
    PRIMARY KEY (topic_id, position)
) STRICT;

CREATE UNIQUE INDEX messages_id_key ON messages (id);
CREATE UNIQUE INDEX messages_idempotency_key_key ON messages (topic_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- The rowid is the order of staging: it decides between messages that are due at the same time.
CREATE TABLE staged_messages (
    id              TEXT    NOT NULL PRIMARY KEY,
    topic_id        INTEGER NOT NULL REFERENCES topics (id),
    deliver_at      INTEGER NOT NULL,
    content_type    TEXT    NOT NULL,
    attributes      TEXT    NOT NULL,
    ordering_key    TEXT,
    idempotency_key TEXT,
    traceparent     TEXT,
    payload         BLOB    NOT NULL
) STRICT;

CREATE INDEX staged_messages_next ON staged_messages (deliver_at);
CREATE INDEX staged_messages_due ON staged_messages (topic_id, deliver_at);
CREATE UNIQUE INDEX staged_messages_idempotency_key_key ON staged_messages (topic_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- A deleted publisher stays as a row with deleted_at, even beyond its topic (so no foreign key): deleting it again still finds it.
CREATE TABLE publishers (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    topic_id       INTEGER NOT NULL,
    type           TEXT    NOT NULL,
    target         TEXT    NOT NULL,
    active         INTEGER NOT NULL,
    paused_reason  TEXT,
    settings       TEXT    NOT NULL,
    start_position INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    deleted_at     INTEGER
) STRICT;

CREATE UNIQUE INDEX publishers_target_key ON publishers (topic_id, type, target) WHERE deleted_at IS NULL;

-- Written by every settle and renewal, so apart from the settings. The row goes away when the publisher is deleted, and with it every lease.
CREATE TABLE publisher_cursors (
    publisher_id  INTEGER PRIMARY KEY REFERENCES publishers (id),
    topic_id      INTEGER NOT NULL,
    cursor        INTEGER NOT NULL,
    settled_above BLOB    NOT NULL,
    owner         TEXT,
    epoch         INTEGER NOT NULL,
    sequence      INTEGER NOT NULL,
    lease_until   INTEGER
) STRICT;

CREATE TABLE parked_deliveries (
    topic_id     INTEGER NOT NULL,
    publisher_id INTEGER NOT NULL,
    position     INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    reason       TEXT    NOT NULL,
    PRIMARY KEY (topic_id, publisher_id, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX parked_deliveries_due ON parked_deliveries (publisher_id, due_at);

CREATE TABLE dead_letters (
    topic_id     INTEGER NOT NULL,
    publisher_id INTEGER NOT NULL,
    position     INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    status_code  INTEGER,
    reason       TEXT    NOT NULL,
    error        TEXT    NOT NULL,
    died_at      INTEGER NOT NULL,
    PRIMARY KEY (topic_id, publisher_id, position)
) STRICT, WITHOUT ROWID;

-- One row a flush and block of 1,024 positions (block = position / 1024); the arrays are JSON, element i of each belongs together.
CREATE TABLE delivery_log (
    id           INTEGER PRIMARY KEY,
    topic_id     INTEGER NOT NULL,
    publisher_id INTEGER NOT NULL,
    block        INTEGER NOT NULL,
    outcome      INTEGER NOT NULL, -- 1 delivered, 2 skipped, 3 discarded
    settled_at   INTEGER NOT NULL,
    positions    TEXT    NOT NULL,
    attempts     TEXT    NOT NULL,
    status_codes TEXT    NOT NULL,
    durations_ms TEXT    NOT NULL
) STRICT;

CREATE INDEX delivery_log_block ON delivery_log (topic_id, publisher_id, block);

CREATE TABLE failed_attempts (
    id           INTEGER PRIMARY KEY,
    topic_id     INTEGER NOT NULL,
    publisher_id INTEGER NOT NULL,
    position     INTEGER NOT NULL,
    attempt      INTEGER NOT NULL,
    failed_at    INTEGER NOT NULL,
    status_code  INTEGER,
    duration_ms  INTEGER NOT NULL,
    error        TEXT    NOT NULL
) STRICT;

CREATE INDEX failed_attempts_message ON failed_attempts (topic_id, position, publisher_id);

CREATE TABLE nodes (
    id           TEXT    NOT NULL PRIMARY KEY,
    host         TEXT    NOT NULL,
    started_at   INTEGER NOT NULL,
    heartbeat_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
