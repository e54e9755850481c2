-- Ordering keys, dead letters that can be looked after, replays, counters and reports. It only adds, so that nodes of the version before go on working beside
-- this one: every new column has a default or may be null, and nothing that such a node reads has another meaning.

-- Counted by each settle, in the row that it writes anyway.
ALTER TABLE postoffice.publisher_cursors
    ADD COLUMN delivered bigint NOT NULL DEFAULT 0,
    ADD COLUMN skipped bigint NOT NULL DEFAULT 0;

-- Null while active; a node of the version before leaves it as it is.
ALTER TABLE postoffice.publishers ADD COLUMN paused_at timestamptz;

-- Nearer than this it is not known.
UPDATE postoffice.publishers SET paused_at = updated_at WHERE NOT active AND deleted_at IS NULL;

-- The message's key, whatever the publisher's ordering. A row that waits behind another of its key is due in 2200, which means never. Not infinity, as one
-- might think: a node of the version before computes with due times and would fail for all of its publishers.
ALTER TABLE postoffice.parked_deliveries ADD COLUMN ordering_key text COLLATE "C";

UPDATE postoffice.parked_deliveries SET ordering_key = messages.ordering_key
FROM postoffice.messages
WHERE messages.topic_id = parked_deliveries.topic_id AND messages.position = parked_deliveries.position AND messages.ordering_key IS NOT NULL;

CREATE INDEX parked_deliveries_key ON postoffice.parked_deliveries (publisher_id, ordering_key, position) WHERE ordering_key IS NOT NULL;

ALTER TABLE postoffice.dead_letters
    ADD COLUMN ordering_key text COLLATE "C",
    -- Whether the key waits for an operator.
    ADD COLUMN blocks_key boolean NOT NULL DEFAULT false,
    -- What it has in common with others; empty for those from before this column.
    ADD COLUMN error_group text NOT NULL DEFAULT '';

UPDATE postoffice.dead_letters SET ordering_key = messages.ordering_key
FROM postoffice.messages
WHERE messages.topic_id = dead_letters.topic_id AND messages.position = dead_letters.position AND messages.ordering_key IS NOT NULL;

-- The list of one publisher, the list of all, and the keys that wait for an operator.
CREATE INDEX dead_letters_publisher ON postoffice.dead_letters (publisher_id, died_at, position);
CREATE INDEX dead_letters_died ON postoffice.dead_letters (died_at, publisher_id, position);
CREATE INDEX dead_letters_blocking ON postoffice.dead_letters (publisher_id, ordering_key, position) WHERE blocks_key;

-- At most one replay a publisher; written by each settle that has got on with it, and removed by the one that reaches its end.
CREATE TABLE postoffice.replays (
    publisher_id bigint PRIMARY KEY REFERENCES postoffice.publishers (id),
    topic_id bigint NOT NULL,
    id uuid NOT NULL,
    -- Sent again up to here, and to be sent again up to there.
    position bigint NOT NULL,
    until bigint NOT NULL,
    only_failed boolean NOT NULL,
    requested_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- How a running publisher does, as its node tells with each renewal: one row a publisher, overwritten in place.
CREATE TABLE postoffice.publisher_reports (
    publisher_id bigint PRIMARY KEY,
    -- Under which lease it was said: it counts only while that lasts.
    epoch bigint NOT NULL,
    node_id uuid NOT NULL,
    reported_at timestamptz NOT NULL,
    report text NOT NULL
) WITH (fillfactor = 50);
