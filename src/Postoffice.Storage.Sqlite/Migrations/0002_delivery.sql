-- Delivery that behaves: ordering keys, dead letters that an operator looks after, filters, replays, and reports of running publishers.

-- Since when a publisher is paused; NULL while it is active. Of those that are paused already the last change is the best guess.
ALTER TABLE publishers ADD COLUMN paused_at INTEGER;
UPDATE publishers SET paused_at = updated_at WHERE NOT active;

-- How many deliveries were made and how many messages the filter left out, counted from this migration on. Written with the cursor by every settle.
ALTER TABLE publisher_cursors ADD COLUMN delivered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE publisher_cursors ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0;

-- The message's key, whatever the publisher's ordering: it may be switched on while rows are parked. A row that waits behind another of its key has
-- due_at 9223372036854775807, which says "never": it sorts after all times, so that nothing that looks for what is due next ever walks over it.
ALTER TABLE parked_deliveries ADD COLUMN ordering_key TEXT;
UPDATE parked_deliveries SET ordering_key =
    (SELECT m.ordering_key FROM messages m WHERE m.topic_id = parked_deliveries.topic_id AND m.position = parked_deliveries.position);

CREATE INDEX parked_deliveries_key ON parked_deliveries (publisher_id, ordering_key, position) WHERE ordering_key IS NOT NULL;

-- blocks_key: the key waits until this letter is retried or discarded. error_group: what it has in common with others that died of the same.
ALTER TABLE dead_letters ADD COLUMN ordering_key TEXT;
ALTER TABLE dead_letters ADD COLUMN blocks_key INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dead_letters ADD COLUMN error_group TEXT NOT NULL DEFAULT '';
UPDATE dead_letters SET ordering_key =
    (SELECT m.ordering_key FROM messages m WHERE m.topic_id = dead_letters.topic_id AND m.position = dead_letters.position);

-- The list of one publisher, the list of all, and the few that hold up a key.
CREATE INDEX dead_letters_publisher ON dead_letters (publisher_id, died_at, position);
CREATE INDEX dead_letters_died ON dead_letters (died_at, publisher_id, position);
CREATE INDEX dead_letters_blocking ON dead_letters (publisher_id, ordering_key, position) WHERE blocks_key = 1;

-- One at a time for each publisher. The row goes away when position reaches until, and when the publisher is deleted.
CREATE TABLE replays (
    publisher_id INTEGER PRIMARY KEY REFERENCES publishers (id),
    topic_id     INTEGER NOT NULL,
    id           TEXT    NOT NULL,
    position     INTEGER NOT NULL, -- settled or parked up to here
    until        INTEGER NOT NULL,
    only_failed  INTEGER NOT NULL,
    requested_at INTEGER NOT NULL
) STRICT;

-- What the node that runs a publisher last said of it, as JSON. Written with each renewal, so apart from the cursor; it counts only while owner and epoch
-- are those of the lease.
CREATE TABLE publisher_reports (
    publisher_id INTEGER PRIMARY KEY REFERENCES publishers (id),
    epoch        INTEGER NOT NULL,
    node_id      TEXT    NOT NULL,
    reported_at  INTEGER NOT NULL,
    report       TEXT    NOT NULL
) STRICT;
